//! Selections in the chart of the builder's own query become its filters.

use leptos::prelude::*;
use millrace_protocol::TableInfo;

use super::{
    builder_state::BuilderState,
    query::{BuilderQuery, Filter, Operator, class_of},
    sql,
};
use crate::{
    actions::Actions,
    charts::{Condition, Picked},
    state::Charting,
};

impl BuilderState {
    /// Makes filters of what is selected, where the query is the builder's and its column is one of the table;
    /// otherwise the rows of the result are filtered by SQL around it. Runs the query then.
    pub(super) fn take_selections(self, actions: Actions) {
        let charting: Charting = expect_context();
        Effect::new(move || {
            let Some(conditions) = charting.picked.get() else { return };
            charting.picked.set(None);
            let shown = self.query.result_sql.get_untracked();
            let is_own = self.attached.get_untracked()
                && self.query.sql.with_untracked(|text| text.trim() == shown.trim());
            let table = self.table.get_untracked().filter(|_| is_own);
            let filters = table.and_then(|table| {
                let choices = self.choices.get_untracked();
                Some((filters_of(&conditions, &choices, &table)?, table.name))
            });
            match filters {
                Some((filters, table)) => self.add_filters(&table, filters),
                None => self.query.sql.set(charting.filtered(&shown, conditions)),
            }
            actions.run();
        });
    }
}

/// Conditions on the result as filters on the table; `None` when one of them is on a column that the table does not
/// have, or cannot be told as filters.
pub fn filters_of(conditions: &[Condition], query: &BuilderQuery, table: &TableInfo) -> Option<Vec<Filter>> {
    let outputs = sql::outputs(query, table);
    let is_grouped = !query.groups.is_empty() || !query.aggregates.is_empty() || query.window.is_some();
    let mut filters = Vec::new();
    for condition in conditions {
        let column = if is_grouped {
            // The bounds of windows come first, and no column of the table is one of them.
            let bounds = outputs.len().checked_sub(query.groups.len() + query.aggregates.len())?;
            let place = outputs.iter().position(|output| output.name == condition.column)?;
            query.groups.get(place.checked_sub(bounds)?)?.column.clone()
        } else {
            condition.column.clone()
        };
        class_of(table, &column)?;
        let mut add = |operator, value: String| {
            filters.push(Filter { column: column.clone(), operator, values: [value, String::new()] });
        };
        match &condition.picked {
            Picked::Range { low, high } => {
                add(Operator::AtLeast, condition.typed(*low));
                if let Some(high) = high {
                    add(Operator::Less, condition.typed(*high));
                }
            }
            Picked::Names(names) => match names.as_slice() {
                [name] if name == "NULL" => add(Operator::IsNull, String::new()),
                [name] if name == "true" => add(Operator::IsTrue, String::new()),
                [name] if name == "false" => add(Operator::IsFalse, String::new()),
                [name] => add(Operator::Equal, name.clone()),
                // The builder writes lists of values with commas between them.
                names if names.iter().all(|name| !name.contains(',') && name != "NULL") => {
                    add(Operator::OneOf, names.join(", "));
                }
                _ => return None,
            },
            Picked::Part(..) => return None,
        }
    }
    Some(filters)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::{charts::ColumnClass, panels::builder::test_table};

    #[wasm_bindgen_test]
    fn selections_of_groups_filter_their_columns() {
        let table =
            test_table::table("events", &[("ts", "TIMESTAMP"), ("region", "VARCHAR"), ("price", "DOUBLE")]);
        let query = BuilderQuery::first_of(&table);
        let group = query.groups.first().expect("a group").clone();
        let output = sql::outputs(&query, &table).remove(0).name;
        let condition = Condition {
            column: output,
            class: ColumnClass::Timestamp,
            picked: Picked::Range { low: 0.0, high: Some(3_600_000.0) },
        };
        let filters = filters_of(std::slice::from_ref(&condition), &query, &table).expect("filters");
        assert_eq!(filters.len(), 2);
        assert!(filters.iter().all(|filter| filter.column == group.column));
        assert_eq!(filters[1].values[0], "1970-01-01 01:00");
        // A count is a column of the result alone.
        let count = sql::outputs(&query, &table).remove(1).name;
        assert_eq!(filters_of(&[Condition { column: count, ..condition }], &query, &table), None);
    }
}
