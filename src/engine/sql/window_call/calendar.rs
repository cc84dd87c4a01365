//! Weeks and quarters, which intervals have no place for.

use datafusion::sql::sqlparser::ast::{DateTimeField, Expr, Interval, Value, ValueWithSpan};

/// A length as it is written, ready to be planned.
pub(super) struct Written {
    pub(super) length: Expr,
    /// Whether it counts weeks, which begin on Mondays as in ISO 8601. Seven days are no week: they begin
    /// on the day of 1970-01-01, as all windows do.
    pub(super) in_weeks: bool,
}

/// Takes note of weeks, and makes quarters months.
pub(super) fn read(length: Expr) -> Written {
    let in_weeks = is_week(&length);
    Written { length: in_months(length), in_weeks }
}

fn is_week(length: &Expr) -> bool {
    match length {
        Expr::UnaryOp { expr, .. } | Expr::Nested(expr) => is_week(expr),
        Expr::Interval(Interval { leading_field: Some(field), .. }) => {
            matches!(field, DateTimeField::Week(_) | DateTimeField::Weeks)
        }
        Expr::Interval(Interval { value, .. }) => {
            unit(value).is_some_and(|(_, unit)| matches!(unit.as_str(), "w" | "week" | "weeks"))
        }
        _ => false,
    }
}

/// The number and the unit of a text such as `'3 months'`.
fn unit(value: &Expr) -> Option<(String, String)> {
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) = value else {
        return None;
    };
    let (number, unit) = text.trim().split_once(' ')?;
    Some((number.to_owned(), unit.trim().to_lowercase()))
}

fn in_months(length: Expr) -> Expr {
    match length {
        Expr::UnaryOp { op, expr } => Expr::UnaryOp { op, expr: Box::new(in_months(*expr)) },
        Expr::Nested(expr) => Expr::Nested(Box::new(in_months(*expr))),
        Expr::Interval(interval) => Expr::Interval(quarters(interval)),
        other => other,
    }
}

fn quarters(interval: Interval) -> Interval {
    let number = match (&interval.leading_field, interval.value.as_ref()) {
        (Some(DateTimeField::Quarter), Expr::Value(number)) => match &number.value {
            Value::SingleQuotedString(number) | Value::Number(number, _) => Some(number.clone()),
            _ => None,
        },
        (None, value) => unit(value)
            .filter(|(_, unit)| matches!(unit.as_str(), "quarter" | "quarters"))
            .map(|(number, _)| number),
        _ => None,
    };
    let Some(months) = number.and_then(|number| number.trim().parse::<i32>().ok()?.checked_mul(3)) else {
        return interval;
    };
    let months = Value::SingleQuotedString(format!("{months} months"));
    Interval { value: Box::new(Expr::value(months)), leading_field: None, ..interval }
}
