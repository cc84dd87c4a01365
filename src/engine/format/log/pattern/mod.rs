//! Lines of a pattern that the user gives: a regular expression with named groups, grok, or both.
//!
//! Owns: the translation of grok, compilation with errors that say where in the pattern they are, and the
//! preview of what a pattern makes of the first lines. Each name is a column; a field without a type has
//! the one that its values in the sample have, times as other logs write them included. A pattern fits a
//! line when it fits anywhere in it.

mod grok;
mod library;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use millrace_protocol::{ErrorInfo, ErrorKind, PatternLine, PatternPreview, Position};
use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use super::sniff::sniff_layout;
use crate::format::binary::refuse_binary;
use crate::format::lines::byte_order_mark_len;
use crate::format::value::RawField;
use crate::format::{FormatError, Sample, Sniffed};

/// What a pattern may take when it is compiled, in bytes.
const COMPILED_BYTES: usize = 8 << 20;
/// Lines of a preview, and bytes of one that are shown.
const PREVIEW_LINES: usize = 200;
const PREVIEW_LINE_BYTES: usize = 2_000;

/// A part of a pattern: from its first byte to behind its last.
pub type Stretch = Range<usize>;

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    message: String,
    hint: Option<String>,
    stretch: Stretch,
}

impl PatternError {
    fn info(self, pattern: &str) -> ErrorInfo {
        let place = |offset: usize| {
            let mut offset = offset.min(pattern.len());
            while !pattern.is_char_boundary(offset) {
                offset -= 1;
            }
            let before = &pattern[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
        };
        let ((line, column), (end_line, end_column)) = (place(self.stretch.start), place(self.stretch.end));
        let position = Some(Position { line, column, end_line, end_column });
        ErrorInfo { kind: ErrorKind::Sql, message: self.message, hint: self.hint, position }
    }
}

/// A pattern that was compiled.
#[derive(Debug)]
struct LinePattern {
    regex: Regex,
    fields: Vec<Field>,
    /// Groups of the expression and the fields that they are.
    groups: Vec<(usize, usize)>,
}

impl LinePattern {
    fn compile(pattern: &str) -> Result<Self, PatternError> {
        let expanded = grok::expand(pattern)?;
        let parser = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&expanded.regex);
        if let Err(error) = parser {
            let (span, message) = match &error {
                regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
                regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
                other => {
                    let message = format!("The pattern cannot be understood: {other}.");
                    return Err(PatternError { message, hint: None, stretch: 0..pattern.len() });
                }
            };
            let start = expanded.source(span.start.offset).start;
            let end = expanded.source(span.end.offset.saturating_sub(1).max(span.start.offset)).end;
            return Err(PatternError {
                message: format!("The pattern cannot be understood: {message}."),
                hint: None,
                stretch: start..end.max(start),
            });
        }
        let regex = RegexBuilder::new(&expanded.regex).size_limit(COMPILED_BYTES).build();
        let regex = regex.map_err(|_| PatternError {
            message: "The pattern is too large.".to_owned(),
            hint: Some("Repeat parts without saying how often.".to_owned()),
            stretch: 0..pattern.len(),
        })?;
        let mut fields: Vec<Field> = Vec::new();
        let mut groups = Vec::new();
        for (group, name) in regex.capture_names().enumerate() {
            let Some(name) = name else { continue };
            let known = name.strip_prefix(grok::GROUP).and_then(|number| number.parse::<usize>().ok());
            let (name, kind) = match known.and_then(|number| expanded.fields.get(number)) {
                Some((name, kind)) => (name.clone(), *kind),
                None => (name.to_owned(), FieldKind::Inferred),
            };
            // A field in several alternatives is one column.
            let field = fields.iter().position(|field| field.name == name).unwrap_or_else(|| {
                fields.push(Field::new(name, kind));
                fields.len() - 1
            });
            groups.push((group, field));
        }
        if fields.is_empty() {
            return Err(PatternError {
                message: "The pattern names no field.".to_owned(),
                hint: Some("Name fields as in %{IP:client} or (?<client>\\S+).".to_owned()),
                stretch: 0..pattern.len(),
            });
        }
        Ok(Self { regex, fields, groups })
    }
}

/// Lines of a pattern.
#[derive(Debug)]
struct PatternLayout(Arc<LinePattern>);

impl Layout for PatternLayout {
    fn fields(&self) -> &[Field] {
        &self.0.fields
    }

    fn keeps_all(&self) -> bool {
        true
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        // A clone has memory of its own, for which threads need not wait.
        let regex = self.0.regex.clone();
        let locations = regex.capture_locations();
        Box::new(PatternScanner { pattern: Arc::clone(&self.0), regex, locations })
    }
}

struct PatternScanner {
    pattern: Arc<LinePattern>,
    regex: Regex,
    locations: CaptureLocations,
}

impl Scanner for PatternScanner {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let line = &bytes[record.clone()];
        if self.regex.captures_read(&mut self.locations, line).is_none() {
            return Err(Mismatch::foreign("the line does not fit the pattern"));
        }
        for &(group, field) in &self.pattern.groups {
            if let Some((start, end)) = self.locations.get(group) {
                found.fields[field] = Some(RawField { start: record.start + start, end: record.start + end });
            }
        }
        Ok(())
    }
}

/// Columns of lines of this pattern.
///
/// # Errors
/// When the pattern cannot be understood, or the file is empty, no text, or has no line of the pattern
/// where it was looked at.
pub fn sniff_pattern(sample: &Sample<'_>, pattern: &str) -> Result<Sniffed, FormatError> {
    refuse_binary(sample.head)?;
    let compiled = LinePattern::compile(pattern).map_err(|error| {
        let info = error.info(pattern);
        let place = info.position.map_or(1, |position| position.column);
        FormatError {
            message: format!("{} (character {place} of the pattern)", info.message),
            hint: info.hint,
        }
    })?;
    let matches = |line: &[u8]| compiled.regex.is_match(line);
    if !super::sniff::texts(sample, 0).iter().any(|text| super::sniff::lines_of(text).any(matches)) {
        return Err(FormatError {
            message: "no line fits the pattern".to_owned(),
            hint: Some("Try the pattern on a line of the file, and begin with a short one.".to_owned()),
        });
    }
    Ok(sniff_layout(sample, "log by pattern", Arc::new(PatternLayout(Arc::new(compiled))), Vec::new()))
}

/// What a pattern makes of the first lines of a file, whose first bytes are `head`.
///
/// # Errors
/// What is wrong with the pattern, and where in it.
pub fn preview_pattern(pattern: &str, head: &[u8]) -> Result<PatternPreview, ErrorInfo> {
    let compiled = LinePattern::compile(pattern).map_err(|error| error.info(pattern))?;
    let columns = compiled.fields.iter().map(|field| field.name.clone()).collect();
    let layout = PatternLayout(Arc::new(compiled));
    let mut scanner = layout.scanner();
    let mut found = Found::new(layout.fields().len());
    let mut preview = PatternPreview { columns, lines: Vec::new(), matched: 0, unmatched: 0 };
    let head = &head[byte_order_mark_len(head)..];
    for (number, line) in head.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        if preview.lines.len() == PREVIEW_LINES {
            break;
        }
        let line = &line[..line.len().min(PREVIEW_LINE_BYTES)];
        found.clear();
        let fits = scanner.scan(line, 0..line.len(), &mut found).is_ok();
        // Bytes that are no UTF-8 are longer in the text that is shown.
        let place =
            |offset: usize| u32::try_from(String::from_utf8_lossy(&line[..offset]).len()).unwrap_or(u32::MAX);
        let fields =
            found.fields.iter().map(|field| field.map(|field| (place(field.start), place(field.end))));
        let fields = fields.collect();
        preview.matched += u64::from(fits);
        preview.unmatched += u64::from(!fits);
        preview.lines.push(PatternLine {
            line: number as u64 + 1,
            text: String::from_utf8_lossy(line).into_owned(),
            fields: fits.then_some(fields),
        });
    }
    Ok(preview)
}
