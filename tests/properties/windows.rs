//! Every kind of window gives what its definition says, whatever splits and threads.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use millrace_engine::window::WINDOWS;
use proptest::prelude::*;

/// Milliseconds since 2020-01-01, a key, a value.
type Row = (Option<i64>, Option<char>, Option<i64>);

/// 2020-01-01 in milliseconds.
const YEAR_2020: i64 = 1_577_836_800_000;

/// Columns that a query groups by, beside the bounds of its windows.
const GROUPS: &[&str] = &["", "k"];

pub(super) const AGGREGATES: &str = "count(*), count(v), sum(v), min(v), max(v), avg(v), count(DISTINCT v), \
                          approx_distinct(v), approx_quantile(v, 0), approx_quantile(v, 1)";

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_hold_the_rows_of_their_time(
        rows in proptest::collection::vec(row(), 0..60),
        short in 1i64..=15,
        times in 1i64..=6,
        more in 0i64..15,
        offset in -40i64..40,
        threads in 1usize..=8,
        split_bytes in prop_oneof![1u64..=8, 9u64..=200, Just(1 << 20)],
    ) {
        let engine = crate::engine(&csv(&rows), threads, split_bytes);
        for kind in WINDOWS {
            // The size of CUMULATE is a multiple of its step; that of HOP is any that is longer.
            let long = if kind.name == "CUMULATE" { short * times } else { short * times + more };
            let lengths = Lengths { kind: kind.name, short, long, offset };
            for group in GROUPS {
                if kind.name == "COUNT_WINDOW" {
                    for time in ["DESCRIPTOR(ts), ", ""] {
                        let sql = lengths.sql(group, time);
                        let expected = lengths.counted(&rows, !group.is_empty(), !time.is_empty());
                        prop_assert_eq!(&answer(&engine, &sql), &expected, "{}", sql);
                    }
                    continue;
                }
                let expected = lengths.naive(&rows, !group.is_empty());
                for sql in [Some(lengths.sql(group, "DESCRIPTOR(ts), ")), lengths.spark(group)].into_iter().flatten() {
                    prop_assert_eq!(&answer(&engine, &sql), &expected, "{}", sql);
                }
            }
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    let time = prop_oneof![9 => (-50i64..250).prop_map(Some), 1 => Just(None)];
    let key = prop_oneof![5 => proptest::sample::select(vec!['a', 'b', 'c']).prop_map(Some), 1 => Just(None)];
    let value = prop_oneof![5 => (-5i64..20).prop_map(Some), 1 => Just(None)];
    (time, key, value)
}

/// Rows that settle the types come first and belong to the table.
fn csv(rows: &[Row]) -> String {
    let mut text = "ts,k,v\n".to_owned();
    for (time, key, value) in sure_rows().iter().chain(rows) {
        let time = time.map(|millis| {
            let (days, millis) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
            let day = if days < 0 { "2019-12-31" } else { "2020-01-01" };
            let (seconds, millis) = (millis / 1000, millis % 1000);
            format!("{day}T{:02}:{:02}:{:02}.{millis:03}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
        });
        let key = key.map(String::from).unwrap_or_default();
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        text.push_str(&format!("{},{key},{value}\n", time.unwrap_or_default()));
    }
    text
}

fn sure_rows() -> Vec<Row> {
    vec![(Some(1), Some('a'), Some(7)), (Some(130), Some('b'), Some(-2)), (Some(131), Some('a'), Some(7))]
}

/// A kind of window with its lengths in milliseconds.
struct Lengths {
    kind: &'static str,
    short: i64,
    long: i64,
    offset: i64,
}

impl Lengths {
    /// The query, with the column of the event time written like this.
    fn sql(&self, group: &str, time: &str) -> String {
        let millis = |length: i64| format!("INTERVAL '{length}' MILLISECONDS");
        let (short, long, offset) = (millis(self.short), millis(self.long), millis(self.offset));
        let keyed = match group {
            "" => "TABLE t".to_owned(),
            group => format!("TABLE t PARTITION BY {group}"),
        };
        let arguments = match self.kind {
            "TUMBLE" => format!("TABLE t, {time}{long}, {offset}"),
            "SESSION" => format!("{keyed}, {time}{short}"),
            "COUNT_WINDOW" => format!("{keyed}, {time}{}, {}", self.long, self.short),
            _ => format!("TABLE t, {time}{short}, {long}, {offset}"),
        };
        let group = if group.is_empty() { String::new() } else { format!(", {group}") };
        format!(
            "SELECT CAST(window_start AS BIGINT), CAST(window_end AS BIGINT){group}, {AGGREGATES} \
             FROM {}({arguments}) GROUP BY window_start, window_end{group}",
            self.kind
        )
    }

    /// The same as Spark writes it, if it has this kind.
    fn spark(&self, group: &str) -> Option<String> {
        let Self { short, long, offset, .. } = self;
        let (name, call) = match self.kind {
            "TUMBLE" => (
                "window",
                format!("window(ts, '{long} milliseconds', '{long} milliseconds', '{offset} milliseconds')"),
            ),
            "HOP" => (
                "window",
                format!("window(ts, '{long} milliseconds', '{short} milliseconds', '{offset} milliseconds')"),
            ),
            "SESSION" => ("session_window", format!("session_window(ts, '{short} milliseconds')")),
            _ => return None,
        };
        let group = if group.is_empty() { String::new() } else { format!(", {group}") };
        Some(format!(
            "SELECT CAST({name}.start AS BIGINT), CAST({name}.end AS BIGINT){group}, {AGGREGATES} \
             FROM t GROUP BY {call}{group}"
        ))
    }

    /// The rows of the result for windows of `long` rows that end every `short` rows, by numbering rows
    /// in the order of their time, or of the file.
    fn counted(&self, rows: &[Row], by_key: bool, by_time: bool) -> Vec<String> {
        let mut rows: Vec<Row> = sure_rows().iter().chain(rows).copied().collect();
        if by_time {
            rows.retain(|row| row.0.is_some());
            // Rows of one time stay in their order.
            rows.sort_by_key(|row| row.0);
        }
        let mut next: BTreeMap<Option<char>, i64> = BTreeMap::new();
        let mut values: BTreeMap<(i64, i64, Option<char>), Vec<Option<i64>>> = BTreeMap::new();
        for (_, key, value) in rows {
            let key = key.filter(|_| by_key);
            let number = next.entry(key).or_default();
            let holding = (1..=*number + self.long).filter(|end| end % self.short == 0);
            for end in holding.filter(|end| (end - self.long..*end).contains(number)) {
                values.entry(((end - self.long).max(0), end, key)).or_default().push(value);
            }
            *number += 1;
        }
        lines(values, by_key, 0)
    }

    /// The rows of the result, by trying every window.
    fn naive(&self, rows: &[Row], by_key: bool) -> Vec<String> {
        let mut rows: Vec<(i64, Option<char>, Option<i64>)> = sure_rows()
            .iter()
            .chain(rows)
            .filter_map(|(time, key, value)| Some(((*time)?, key.filter(|_| by_key), *value)))
            .collect();
        rows.sort();
        let mut values: BTreeMap<(i64, i64, Option<char>), Vec<Option<i64>>> = BTreeMap::new();
        for (time, key, value) in &rows {
            let windows = match self.kind {
                "SESSION" => {
                    vec![self.session(*time, rows.iter().filter(|row| row.1 == *key).map(|row| row.0))]
                }
                _ => self.windows(*time),
            };
            for (start, end) in windows {
                values.entry((start, end, *key)).or_default().push(*value);
            }
        }
        lines(values, by_key, YEAR_2020)
    }

    fn windows(&self, time: i64) -> Vec<(i64, i64)> {
        // Lengths count from 1970, times here from 2020.
        let starts_at = |start: i64, every: i64| (YEAR_2020 + start - self.offset).rem_euclid(every) == 0;
        let mut found = Vec::new();
        for start in time - self.long + 1..=time {
            match self.kind {
                "TUMBLE" if starts_at(start, self.long) => found.push((start, start + self.long)),
                "HOP" if starts_at(start, self.short) => found.push((start, start + self.long)),
                "CUMULATE" if starts_at(start, self.long) => {
                    let ends = (1..=self.long / self.short).map(|steps| start + steps * self.short);
                    found.extend(ends.filter(|end| *end > time).map(|end| (start, end)));
                }
                _ => {}
            }
        }
        found
    }

    /// The session of a moment among sorted ones.
    fn session(&self, time: i64, all: impl Iterator<Item = i64>) -> (i64, i64) {
        let mut sessions: Vec<(i64, i64)> = Vec::new();
        for start in all {
            match sessions.last_mut() {
                Some(last) if start <= last.1 => last.1 = start + self.short,
                _ => sessions.push((start, start + self.short)),
            }
        }
        sessions.into_iter().find(|(start, end)| (*start..*end).contains(&time)).expect("a session")
    }
}

/// The sorted lines of windows whose bounds count from `zero`.
pub(super) fn lines(
    windows: BTreeMap<(i64, i64, Option<char>), Vec<Option<i64>>>,
    by_key: bool,
    zero: i64,
) -> Vec<String> {
    let line = |((start, end, key), values): ((i64, i64, _), Vec<_>)| {
        line((zero + start, zero + end, key), &values, by_key)
    };
    let mut lines: Vec<String> = windows.into_iter().map(line).collect();
    lines.sort();
    lines
}

fn line((start, end, key): (i64, i64, Option<char>), values: &[Option<i64>], by_key: bool) -> String {
    let known: Vec<i64> = values.iter().flatten().copied().collect();
    let text = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let sum = known.iter().sum::<i64>();
    let (sum, mean) =
        if known.is_empty() { (None, None) } else { (Some(sum), Some(sum as f64 / known.len() as f64)) };
    let (least, most) = (text(known.iter().min().copied()), text(known.iter().max().copied()));
    let distinct = known.iter().collect::<BTreeSet<_>>().len();
    let mut fields = vec![start.to_string(), end.to_string()];
    if by_key {
        fields.push(key.map(String::from).unwrap_or_default());
    }
    fields.extend([
        values.len().to_string(),
        known.len().to_string(),
        text(sum),
        least.clone(),
        most.clone(),
    ]);
    fields.push(mean.map(|mean| mean.to_string()).unwrap_or_default());
    fields.extend([distinct.to_string(), distinct.to_string(), least, most]);
    fields.join(",")
}

/// The lines of the result, without its header, sorted.
pub(super) fn answer(engine: &millrace_engine::Engine, sql: &str) -> Vec<String> {
    let finished = block_on(engine.query(sql).run(|_| ())).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let csv = String::from_utf8(finished.result.csv(None).collect::<Vec<_>>().concat()).expect("text");
    let mut lines: Vec<String> = csv.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}
