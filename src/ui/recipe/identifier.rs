//! Names as SQL writes them.

/// Words that cannot be a bare name in DataFusion's SQL, in lower case and sorted.
const RESERVED: &[&str] = &[
    "all",
    "analyze",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asc",
    "asof",
    "between",
    "both",
    "by",
    "case",
    "cast",
    "cluster",
    "connect",
    "cross",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "default",
    "delete",
    "desc",
    "describe",
    "distinct",
    "distribute",
    "drop",
    "else",
    "end",
    "except",
    "exists",
    "explain",
    "extract",
    "false",
    "fetch",
    "filter",
    "for",
    "from",
    "full",
    "global",
    "grant",
    "group",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "minus",
    "natural",
    "not",
    "null",
    "of",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "overlaps",
    "partition",
    "position",
    "primary",
    "qualify",
    "references",
    "right",
    "sample",
    "select",
    "semi",
    "set",
    "settings",
    "some",
    "sort",
    "start",
    "substring",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "top",
    "trailing",
    "trim",
    "true",
    "union",
    "unique",
    "unnest",
    "update",
    "user",
    "using",
    "values",
    "view",
    "when",
    "where",
    "window",
    "with",
    "within",
];

/// A name, in double quotes only where it needs them.
///
/// SQL folds bare names to lower case, so capitals need quotes as much as spaces do.
pub fn identifier(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && RESERVED.binary_search(&name).is_err();
    if plain { name.to_owned() } else { quoted(name) }
}

/// A name in double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_can_be_searched() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_quoted_only_when_they_must_be() {
        for (name, sql) in [
            ("price", "price"),
            ("_x1", "_x1"),
            ("Price", "\"Price\""),
            ("2nd", "\"2nd\""),
            ("unit price", "\"unit price\""),
            ("group", "\"group\""),
            ("größe", "\"größe\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("", "\"\""),
        ] {
            assert_eq!(identifier(name), sql);
        }
    }
}
