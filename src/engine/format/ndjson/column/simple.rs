//! Columns whose values have a fixed size.

use std::sync::Arc;

use arrow::array::{ArrayRef, PrimitiveBuilder};
use arrow::datatypes::{ArrowPrimitiveType, Float64Type};

use super::Column;
use crate::format::ndjson::issues::Issues;
use crate::format::ndjson::scan::{Kind, Value};
use crate::format::ndjson::unescape::string_bytes;
use crate::format::value::{Date, Double, Integer, Micros, Millis, Parse, RawField};

/// Which kinds of JSON's values a type is written as.
pub trait Written: Parse {
    /// Whether a value of this kind can be one.
    fn as_kind(kind: Kind) -> bool;
}

impl Written for Integer {
    #[inline(always)]
    fn as_kind(kind: Kind) -> bool {
        kind == Kind::Integer
    }
}

impl Written for Finite {
    #[inline(always)]
    fn as_kind(kind: Kind) -> bool {
        matches!(kind, Kind::Integer | Kind::Fraction)
    }
}

macro_rules! written_as_string {
    ($($parse:ty),*) => {$(
        impl Written for $parse {
            #[inline(always)]
            fn as_kind(kind: Kind) -> bool {
                matches!(kind, Kind::Plain | Kind::Escaped)
            }
        }
    )*};
}

written_as_string!(Date, Millis, Micros);

/// Numbers that a double can hold: one with too large an exponent is none.
#[derive(Debug, Default)]
pub struct Finite(Double);

impl Parse for Finite {
    type Arrow = Float64Type;
    const SQL_NAME: &'static str = "DOUBLE";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<f64> {
        self.0.quick(bytes, field)
    }

    fn exact(&mut self, text: &[u8]) -> Option<f64> {
        self.0.exact(text).filter(|value| value.is_finite())
    }
}

/// Values and nulls of a batch.
pub struct Simple<P: Parse> {
    path: String,
    parse: P,
    values: PrimitiveBuilder<P::Arrow>,
}

impl<P: Parse> Simple<P> {
    /// An empty column.
    pub fn new(path: String) -> Self {
        Self { path, parse: P::default(), values: PrimitiveBuilder::new() }
    }

    /// Escapes, spaces, unusual forms, and what is no value at all. As in delimited text, an empty
    /// string is null where it is no text.
    #[inline(never)]
    fn unusual(
        &mut self,
        bytes: &[u8],
        value: Value,
        issues: &mut Issues<'_>,
    ) -> Option<<P::Arrow as ArrowPrimitiveType>::Native>
    where
        P: Written,
    {
        if value.kind == Kind::Null {
            return None;
        }
        let (text, _) = string_bytes(bytes, value);
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() && P::as_kind(value.kind) {
            return None;
        }
        let parsed = if P::as_kind(value.kind) { self.parse.exact(trimmed) } else { None };
        if parsed.is_none() {
            issues.not_a_value(&self.path, value, P::SQL_NAME);
        }
        parsed
    }
}

impl<P: Written> Column for Simple<P> {
    fn append(&mut self, bytes: &[u8], value: Option<Value>, issues: &mut Issues<'_>) {
        let Some(value) = value else { return self.values.append_null() };
        let Value { kind, start, end } = value;
        let quick = if P::as_kind(kind) && kind != Kind::Escaped && start < end {
            self.parse.quick(bytes, RawField { start, end })
        } else {
            None
        };
        let value = quick.or_else(|| self.unusual(bytes, value, issues));
        self.values.append_option(value);
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}
