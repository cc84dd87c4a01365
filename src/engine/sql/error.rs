//! DataFusion's errors, told for a person: whose they are, where in the text, what to do.

use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Diagnostic, SchemaError, Span};
use millrace_protocol::{ErrorInfo, ErrorKind, Position};

/// Tells an error of planning or running.
pub(crate) fn error_info(error: &DataFusionError) -> ErrorInfo {
    let position = error.diagnostic().and_then(position_of);
    let mut info = describe(error.find_root());
    if info.hint.is_none() {
        let help = error.diagnostic().and_then(|diagnostic| diagnostic.helps.first());
        info.hint = help.map(|help| help.message.clone());
    }
    info.position = position.or(info.position);
    info
}

fn describe(root: &DataFusionError) -> ErrorInfo {
    match root {
        DataFusionError::SQL(parser, _) => parser_error(&parser.to_string()),
        DataFusionError::SchemaError(schema, _) => schema_error(schema),
        DataFusionError::Plan(message) => plan_error(message),
        DataFusionError::NotImplemented(message) => ErrorInfo::new(ErrorKind::Unsupported, clean(message)),
        DataFusionError::ResourcesExhausted(message) => memory_error(message),
        DataFusionError::Execution(message) => ErrorInfo::new(ErrorKind::Data, clean(message)),
        DataFusionError::ArrowError(error, _) => arrow_error(error),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => error_info(first),
            None => ErrorInfo::new(ErrorKind::Internal, "an empty list of errors"),
        },
        other => ErrorInfo::new(ErrorKind::Internal, clean(&other.strip_backtrace())),
    }
}

fn arrow_error(error: &ArrowError) -> ErrorInfo {
    let info = ErrorInfo::new(ErrorKind::Data, format!("{}.", clean(&error.to_string())));
    match error {
        ArrowError::CastError(_) | ArrowError::ParseError(_) => {
            info.with_hint("TRY_CAST gives NULL where a value cannot be converted.")
        }
        ArrowError::DivideByZero => info.with_hint("NULLIF(divisor, 0) gives NULL instead."),
        ArrowError::ArithmeticOverflow(_) => info.with_hint("CAST to DOUBLE or DECIMAL has more room."),
        _ => info,
    }
}

/// Errors of the parser end in `at Line: 1, Column: 8`.
fn parser_error(message: &str) -> ErrorInfo {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let mut info = ErrorInfo::new(ErrorKind::Sql, clean(message));
    if let Some((before, place)) = message.rsplit_once(" at Line: ") {
        let mut numbers = place.split(", Column: ").map(|number| number.trim().parse::<u32>());
        if let (Some(Ok(line)), Some(Ok(column))) = (numbers.next(), numbers.next()) {
            info.message = clean(before);
            info.position = Some(Position { line, column, end_line: line, end_column: column + 1 });
        }
    }
    info
}

fn schema_error(error: &SchemaError) -> ErrorInfo {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let mut info = ErrorInfo::new(ErrorKind::Sql, format!("There is no column `{}`.", field.name));
            let names: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
            info.hint = match nearest(&field.name, names.iter().copied()) {
                Some(near) => Some(format!("Did you mean `{}`?", quoted(near))),
                None if names.is_empty() => None,
                None => Some(format!("The columns are {}.", listed(&names))),
            };
            info
        }
        SchemaError::AmbiguousReference { field } => {
            ErrorInfo::new(ErrorKind::Sql, format!("The column `{}` is in more than one table.", field.name))
                .with_hint(format!("Write the table before it, as in `t.{}`.", field.name))
        }
        other => ErrorInfo::new(ErrorKind::Sql, clean(&other.to_string())),
    }
}

fn plan_error(message: &str) -> ErrorInfo {
    let cleaned = clean(message);
    // DataFusion: "table 'datafusion.public.evnts' not found"
    if let Some(name) = cleaned.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found")) {
        let name = name.rsplit('.').next().unwrap_or(name);
        return ErrorInfo::new(ErrorKind::Sql, format!("There is no table `{name}`."));
    }
    // DataFusion: "Invalid function 'cuont'.\nDid you mean 'count'?"
    if let Some((first, rest)) = cleaned.split_once("\nDid you mean '") {
        let near = rest.trim_end_matches("'?");
        return ErrorInfo::new(ErrorKind::Sql, first).with_hint(format!("Did you mean `{near}`?"));
    }
    // DataFusion: "... No function matches the given name and argument types 'sum(Utf8View)'. ..."
    if let Some(call) = between(&cleaned, "No function matches the given name and argument types '", "'") {
        let info =
            ErrorInfo::new(ErrorKind::Sql, format!("There is no {} for these types.", sql_types(call)));
        return match cleaned.split_once("Candidate functions:\n") {
            Some((_, candidates)) => {
                let forms: Vec<&str> = candidates.lines().map(str::trim).take(6).collect();
                info.with_hint(format!("It exists as {}.", sql_types(&forms.join(", "))))
            }
            None => info,
        };
    }
    if let Some(column) = between(&cleaned, "column \"", "\" must appear in the GROUP BY clause") {
        return ErrorInfo::new(
            ErrorKind::Sql,
            format!("`{column}` must be in GROUP BY or inside an aggregate function."),
        );
    }
    ErrorInfo::new(ErrorKind::Sql, cleaned)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// Arrow's names of types, as SQL names them.
fn sql_types(text: &str) -> String {
    const NAMES: [(&str, &str); 8] = [
        ("Utf8View", "VARCHAR"),
        ("Utf8", "VARCHAR"),
        ("String", "VARCHAR"),
        ("UInt64", "BIGINT UNSIGNED"),
        ("Int64", "BIGINT"),
        ("Float64", "DOUBLE"),
        ("Boolean", "BOOLEAN"),
        ("Decimal", "DECIMAL"),
    ];
    NAMES.iter().fold(text.to_owned(), |text, (arrow, sql)| text.replace(arrow, sql))
}

/// Tells that a query needs more than its budget.
pub(crate) fn memory_error(message: &str) -> ErrorInfo {
    ErrorInfo::new(
        ErrorKind::Memory,
        format!("The query needs more memory than its budget: {}", clean(message)),
    )
    .with_hint("Filter earlier, select fewer columns, group into fewer groups, or add a LIMIT.")
}

fn position_of(diagnostic: &Diagnostic) -> Option<Position> {
    let Span { start, end } = diagnostic.span?;
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    (start.line > 0).then(|| Position {
        line: number(start.line),
        column: number(start.column),
        end_line: number(end.line),
        end_column: number(end.column),
    })
}

/// The candidate that looks most like a mistyped name, if one does.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(12) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The name as it must be written in SQL.
pub(crate) fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|name| format!("`{}`", quoted(name))).collect();
    let more = names.len().saturating_sub(12);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// DataFusion prefixes messages with the kind of error and may append a backtrace.
fn clean(message: &str) -> String {
    let mut message = message.split("\n\nbacktrace: ").next().unwrap_or(message).trim();
    for prefix in ["Error during planning: ", "Execution error: ", "ParserError(", "TokenizerError("] {
        message = message.strip_prefix(prefix).unwrap_or(message);
    }
    message.trim_end_matches("\")").trim_start_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parser_errors_have_a_place() {
        let info =
            parser_error("sql parser error: Expected: an expression, found: FROM at Line: 2, Column: 8");
        assert_eq!(info.message, "Expected: an expression, found: FROM");
        assert_eq!(info.position, Some(Position { line: 2, column: 8, end_line: 2, end_column: 9 }));
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["price", "category", "Region"];
        assert_eq!(nearest("prise", names.into_iter()), Some("price"));
        assert_eq!(nearest("region", names.into_iter()), Some("Region"));
        assert_eq!(nearest("quantity", names.into_iter()), None);
        assert_eq!(quoted("Region"), "\"Region\"");
    }
}
