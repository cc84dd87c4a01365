//! What was selected in the chart.

use leptos::prelude::{GetUntracked, RwSignal, Set};

use crate::charts::{Condition, filtered_sql};

/// The chart's selections. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Charting {
    /// A selection that shall filter the query. The builder takes it away: it knows whether the query is its own.
    pub picked: RwSignal<Option<Vec<Condition>>>,
    /// The last statement that selections made of another.
    filtered: RwSignal<Option<Filtered>>,
}

/// A statement, and what selections made of it.
#[derive(Clone, Debug, PartialEq)]
struct Filtered {
    from: String,
    conditions: Vec<Condition>,
    sql: String,
}

impl Charting {
    /// Nothing selected.
    pub fn new() -> Self {
        Self { picked: RwSignal::new(None), filtered: RwSignal::new(None) }
    }

    /// The statement for the rows of `sql` for which conditions hold. What earlier selections made of a statement is
    /// not filtered once more, but with all conditions at once; a new one replaces those on its column.
    pub fn filtered(self, sql: &str, conditions: Vec<Condition>) -> String {
        let mut filtered = match self.filtered.get_untracked() {
            Some(filtered) if filtered.sql == sql => filtered,
            _ => Filtered { from: sql.to_owned(), conditions: Vec::new(), sql: String::new() },
        };
        filtered.conditions.retain(|old| conditions.iter().all(|new| new.column != old.column));
        filtered.conditions.extend(conditions);
        filtered.sql = filtered_sql(&filtered.from, &filtered.conditions);
        let sql = filtered.sql.clone();
        self.filtered.set(Some(filtered));
        sql
    }

    /// The statement that selections made `sql` of, if they did.
    pub fn unfiltered(self, sql: &str) -> Option<String> {
        self.filtered.get_untracked().filter(|filtered| filtered.sql == sql).map(|filtered| filtered.from)
    }
}
