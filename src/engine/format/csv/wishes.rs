//! What the user says about a file of delimited text, in the terms of this format.

use millrace_protocol::{DateOrder, TableOptions};

use crate::format::FormatError;
use crate::format::value::{ColumnType, NullWords};

/// Parts of a syntax that nobody has to guess. An inner `None` says that there is no such byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// The delimiter, and whether it comes twice.
    pub delimiter: Option<(u8, bool)>,
    /// The quote.
    pub quote: Option<Option<u8>>,
    /// The escape.
    pub escape: Option<Option<u8>>,
    /// What comments begin with.
    pub comment: Option<Option<u8>>,
}

/// The options of a table.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Delimiter, quote, escape and comment.
    pub given: Given,
    /// Whether the first record is a header.
    pub header: Option<bool>,
    /// Lines in front of the table.
    pub skip_lines: Option<u64>,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: Option<bool>,
    /// The order of dates.
    pub date_order: Option<DateOrder>,
    /// The words for NULL.
    pub nulls: NullWords,
    types: Vec<(String, ColumnType)>,
}

impl Wishes {
    /// Understands the options.
    ///
    /// # Errors
    /// When an option is none that can be followed.
    pub fn of(options: &TableOptions) -> Result<Self, FormatError> {
        let given = Given {
            delimiter: options.delimiter.as_deref().map(delimiter).transpose()?,
            quote: options.quote.as_deref().map(|text| one_byte("quote", text)).transpose()?,
            escape: options.escape.as_deref().map(|text| one_byte("escape", text)).transpose()?,
            comment: options.comment.as_deref().map(|text| one_byte("comment", text)).transpose()?,
        };
        let decimal_comma = match options.decimal.as_deref() {
            None => None,
            Some(".") => Some(false),
            Some(",") => Some(true),
            Some(other) => {
                return Err(refusal(format!("'{other}' is no decimal mark"), "It is a point or a comma."));
            }
        };
        let types = options.types.iter().map(|(name, sql_name)| {
            let column_type = ColumnType::from_sql_name(sql_name).ok_or_else(|| {
                let message = format!("{sql_name} is no type for column {name}");
                refusal(message, "The types are BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and VARCHAR.")
            })?;
            Ok((name.to_lowercase(), column_type))
        });
        Ok(Self {
            given,
            header: options.header,
            skip_lines: options.skip_lines,
            decimal_comma,
            date_order: options.date_order,
            nulls: options.null_values.as_deref().map_or_else(NullWords::default, NullWords::given),
            types: types.collect::<Result<_, FormatError>>()?,
        })
    }

    /// The type that the column of this name is to have.
    pub fn type_of(&self, name: &str) -> Option<ColumnType> {
        let name = name.to_lowercase();
        self.types.iter().find(|(wanted, _)| *wanted == name).map(|(_, column_type)| *column_type)
    }
}

fn delimiter(text: &str) -> Result<(u8, bool), FormatError> {
    match text.as_bytes() {
        b"\\t" | b"tab" => Ok((b'\t', false)),
        [byte] if is_usable(*byte) => Ok((*byte, false)),
        [byte, again] if byte == again && is_usable(*byte) => Ok((*byte, true)),
        _ => Err(refusal(
            format!("'{text}' cannot stand between fields"),
            "A delimiter is one character of ASCII, or one that comes twice, as ||.",
        )),
    }
}

fn one_byte(what: &str, text: &str) -> Result<Option<u8>, FormatError> {
    match text.as_bytes() {
        [] => Ok(None),
        [byte] if is_usable(*byte) => Ok(Some(*byte)),
        _ => Err(refusal(
            format!("'{text}' cannot be the {what}"),
            "It is one character of ASCII, or nothing where there is none.",
        )),
    }
}

fn is_usable(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0)
}

fn refusal(message: String, hint: &str) -> FormatError {
    FormatError { message, hint: Some(hint.to_owned()) }
}
