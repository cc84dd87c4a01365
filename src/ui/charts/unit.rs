//! What the numbers of a column are measured in, and so how an axis writes them.

use millrace_protocol::ColumnInfo;

/// A way to write numbers; `www/npm/chart.js` knows each by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Name in settings and in the option.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Ends of column names, in lower case, that tell of it.
    endings: &'static [&'static str],
}

/// Every unit; the first is for numbers that have none.
pub const UNITS: &[Unit] = &[
    Unit { name: "plain", label: "numbers", endings: &[] },
    Unit { name: "bytes", label: "bytes", endings: &["bytes"] },
    Unit { name: "milliseconds", label: "milliseconds", endings: &["_ms", "millis", "milliseconds"] },
    Unit { name: "seconds", label: "seconds", endings: &["seconds", "_secs", "_sec"] },
    Unit { name: "percent", label: "percent", endings: &["percent", "_pct", "%"] },
];

/// The unit that the names of these columns tell of, if all tell of the same.
pub fn unit_of(columns: &[&ColumnInfo]) -> &'static Unit {
    let mut units = columns.iter().map(|column| {
        // Aggregates are often named after what they summarise: `avg(size_bytes)`.
        let name = column.name.to_ascii_lowercase();
        let name = name.trim_end_matches(')').trim_end_matches("_avg").trim_end_matches("_max");
        UNITS.iter().find(|unit| unit.endings.iter().any(|end| name.ends_with(end))).unwrap_or(&UNITS[0])
    });
    let first = units.next().unwrap_or(&UNITS[0]);
    if units.all(|unit| unit == first) { first } else { &UNITS[0] }
}

/// The unit of this name, if there is one.
pub fn unit_named(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.name == name)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn names_tell_units() {
        for (names, unit) in [
            (&["price"][..], "plain"),
            (&["size_bytes"], "bytes"),
            (&["avg(latency_ms)"], "milliseconds"),
            (&["duration_seconds_max"], "seconds"),
            (&["cpu_percent", "ram_percent"], "percent"),
            (&["size_bytes", "latency_ms"], "plain"),
            (&["items"], "plain"),
            (&[], "plain"),
        ] {
            let columns: Vec<ColumnInfo> = names
                .iter()
                .map(|name| ColumnInfo { name: (*name).into(), type_name: "BIGINT".into() })
                .collect();
            assert_eq!(unit_of(&columns.iter().collect::<Vec<_>>()).name, unit, "{names:?}");
        }
    }
}
