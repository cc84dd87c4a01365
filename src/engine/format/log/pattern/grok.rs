//! From grok to a regular expression: `%{NAME}`, `%{NAME:field}` and `%{NAME:field:type}`.

use super::library::LIBRARY;
use super::{PatternError, Stretch};
use crate::format::log::layout::FieldKind;

/// A regular expression, and where its parts come from.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The expression.
    pub regex: String,
    /// The field of each group named `_0`, `_1` and so on, and what its type is said to be.
    pub fields: Vec<(String, FieldKind)>,
    /// Places in `regex`, rising, and the stretch of the pattern that stands there from then on.
    map: Vec<(usize, Stretch, bool)>,
}

/// What groups are named that stand for fields.
pub const GROUP: &str = "_grok_";

impl Expanded {
    /// Where in the pattern the place in the expression comes from.
    pub fn source(&self, place: usize) -> Stretch {
        let at = self.map.partition_point(|(start, ..)| *start <= place).saturating_sub(1);
        match self.map.get(at) {
            Some((start, stretch, true)) => {
                let place = (stretch.start + place - start).min(stretch.end);
                Stretch { start: place, end: place + 1 }
            }
            Some((_, stretch, false)) => stretch.clone(),
            None => Stretch { start: 0, end: 0 },
        }
    }
}

/// Replaces names by what they stand for.
///
/// # Errors
/// When a name or a type is not known, or a brace is never closed.
pub fn expand(pattern: &str) -> Result<Expanded, PatternError> {
    let mut expanded = Expanded::default();
    let mut rest = 0;
    while let Some(found) = pattern[rest..].find("%{") {
        let start = rest + found;
        let end = pattern[start..].find('}').map(|len| start + len + 1);
        let end = end.ok_or_else(|| PatternError {
            message: "`%{` is never closed.".to_owned(),
            hint: Some("A name is put in braces, as in %{IP:client}.".to_owned()),
            stretch: Stretch { start, end: pattern.len() },
        })?;
        expanded.map.push((expanded.regex.len(), Stretch { start: rest, end: start }, true));
        expanded.regex.push_str(&pattern[rest..start]);
        let stretch = Stretch { start, end };
        expanded.map.push((expanded.regex.len(), stretch.clone(), false));
        reference(&pattern[start + 2..end - 1], &stretch, &mut expanded)?;
        rest = end;
    }
    expanded.map.push((expanded.regex.len(), Stretch { start: rest, end: pattern.len() }, true));
    expanded.regex.push_str(&pattern[rest..]);
    Ok(expanded)
}

/// Appends what `NAME:field:type` stands for.
fn reference(text: &str, stretch: &Stretch, expanded: &mut Expanded) -> Result<(), PatternError> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let Some((_, expression)) = LIBRARY.iter().find(|(known, _)| *known == name) else {
        let near = crate::sql::nearest(name, LIBRARY.iter().map(|(known, _)| *known));
        return Err(PatternError {
            message: format!("There is no pattern `{name}`."),
            hint: near.map(|near| format!("Did you mean %{{{near}}}?")),
            stretch: stretch.clone(),
        });
    };
    match parts.next().map(field_name).filter(|field| !field.is_empty()) {
        None => expanded.regex.push_str("(?:"),
        Some(field) => {
            let kind = parts.next().map_or(Ok(FieldKind::Inferred), |kind| field_kind(kind, stretch))?;
            expanded.regex.push_str(&format!("(?P<{GROUP}{}>", expanded.fields.len()));
            expanded.fields.push((field, kind));
        }
    }
    let mut rest = *expression;
    while let Some((before, inner)) = rest.split_once("%{") {
        expanded.regex.push_str(before);
        let (inner, behind) = inner.split_once('}').unwrap_or((inner, ""));
        reference(inner, stretch, expanded)?;
        rest = behind;
    }
    expanded.regex.push_str(rest);
    expanded.regex.push(')');
    Ok(())
}

/// `[http][status]` and `http.status` are `http_status`.
fn field_name(text: &str) -> String {
    let signs = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '_' };
    text.replace("][", "_").trim_matches(['[', ']']).chars().map(signs).collect()
}

fn field_kind(name: &str, stretch: &Stretch) -> Result<FieldKind, PatternError> {
    match name {
        "int" | "integer" | "long" => Ok(FieldKind::Number),
        "float" | "double" | "number" => Ok(FieldKind::Decimal),
        "string" | "text" => Ok(FieldKind::Text),
        _ => Err(PatternError {
            message: format!("There is no type `{name}`."),
            hint: Some("Types are int, float and string; without one the values decide.".to_owned()),
            stretch: stretch.clone(),
        }),
    }
}
