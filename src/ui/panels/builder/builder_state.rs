//! The builder's choices, joined with the editor's text.

use leptos::prelude::*;
use millrace_protocol::TableInfo;

use super::{
    query::{BuilderQuery, Filter, class_of},
    sql,
};
use crate::{
    actions::Actions,
    charts::ColumnClass,
    state::{QueryState, Tables},
};

/// State of the builder. `Copy`.
#[derive(Clone, Copy)]
pub struct BuilderState {
    /// The tables to choose from.
    pub tables: Tables,
    /// The choices of all cards: those of the open tab.
    pub choices: RwSignal<BuilderQuery>,
    /// The chosen table.
    pub table: Memo<Option<TableInfo>>,
    /// Whether the editor's text is the builder's, or there is none yet.
    pub attached: Memo<bool>,
    pub(super) query: QueryState,
}

impl BuilderState {
    /// Begins with the first table and follows tables that come and go.
    pub fn new() -> Self {
        let (tables, query): (Tables, QueryState) = (expect_context(), expect_context());
        let choices = query.builder;
        let table = Memo::new(move |_| {
            let name = choices.with(|choices| choices.table.clone());
            tables.list.with(|list| list.iter().find(|table| table.name == name).cloned())
        });
        let attached = Memo::new(move |_| {
            let own = text(choices, table);
            query.sql.with(|text| text.trim().is_empty() || own.as_deref() == Some(text.trim()))
        });
        let state = Self { tables, choices, table, attached, query };
        Effect::new(move || state.follow_tables());
        Effect::new(move || state.follow_editor());
        let actions: Actions = expect_context();
        Effect::new(move || {
            if let Some((table, filters)) = actions.filtered.get() {
                actions.filtered.set(None);
                state.add_filters(&table, filters);
                actions.run();
            }
        });
        state.take_selections(actions);
        state
    }

    /// Adds conditions on a table to the query over it, in place of earlier ones that compare alike.
    pub(super) fn add_filters(self, table: &str, filters: Vec<Filter>) {
        let Some(info) = untrack(|| self.tables.get(table)) else { return };
        self.change(|choices| {
            if choices.table != table {
                *choices = BuilderQuery::first_of(&info);
            }
            for filter in filters {
                choices
                    .filters
                    .retain(|other| (&other.column, other.operator) != (&filter.column, filter.operator));
                choices.filters.push(filter);
            }
        });
    }

    /// Changes the choices and writes the statement that they make.
    pub fn change(self, change: impl FnOnce(&mut BuilderQuery)) {
        self.choices.update(change);
        self.write();
    }

    /// Like [`Self::change`], for changes that can give the columns of the result other names: the sort
    /// goes on meaning the column of the same kind at the same place.
    pub fn change_outputs(self, change: impl FnOnce(&mut BuilderQuery)) {
        let names = move |choices: &BuilderQuery| -> Vec<String> {
            self.table.with_untracked(|table| {
                let outputs = table.as_ref().map(|table| sql::outputs(choices, table)).unwrap_or_default();
                outputs.into_iter().map(|output| output.name).collect()
            })
        };
        self.change(|choices| {
            let before = names(choices);
            change(choices);
            let after = names(choices);
            if let Some((name, _)) = &mut choices.sort
                && !after.contains(name)
                && before.len() == after.len()
                && let Some(place) = before.iter().position(|old| old == name)
            {
                name.clone_from(&after[place]);
            }
        });
    }

    /// Writes the statement into the editor, in place of what is there.
    pub fn write(self) {
        if let Some(text) = untrack(|| text(self.choices, self.table)) {
            self.query.sql.set(text);
        }
    }

    /// Goes to another table and keeps the choices that fit it.
    pub fn choose_table(self, name: &str) {
        if let Some(table) = self.tables.get(name) {
            self.change(|choices| *choices = std::mem::take(choices).fitted_to(&table));
        }
    }

    /// Class of a column of the chosen table. Follows the choice.
    pub fn class(self, column: &str) -> Option<ColumnClass> {
        self.table.with(|table| class_of(table.as_ref()?, column))
    }

    /// Names of the chosen table's columns of the classes that are wanted.
    pub fn column_names(self, wanted: impl Fn(ColumnClass) -> bool) -> Vec<String> {
        self.table.with(|table| {
            let columns = table.iter().flat_map(|table| &table.columns);
            columns
                .filter(|column| wanted(ColumnClass::of(column)))
                .map(|column| column.name.clone())
                .collect()
        })
    }

    fn follow_tables(self) {
        let first = self.tables.list.with(|list| list.first().cloned());
        let is_gone = self.table.with(Option::is_none)
            && self
                .tables
                .expected
                .with(|names| self.choices.with_untracked(|choices| !names.contains(&choices.table)));
        if let Some(first) = first
            && is_gone
        {
            self.choices.set(BuilderQuery::first_of(&first));
        }
    }

    /// The page proposes a first query for a new table; it is the builder's own for that table.
    fn follow_editor(self) {
        let text = self.query.sql.get();
        // Choices that are not complete yet make the same text as without them, and must stay.
        if self.attached.get_untracked() {
            return;
        }
        let proposed = self.tables.list.with(|list| {
            let queries = list.iter().map(|table| (BuilderQuery::first_of(table), table));
            queries
                .into_iter()
                .find(|(query, table)| sql::sql(query, table) == text.trim())
                .map(|(query, _)| query)
        });
        if let Some(proposed) = proposed {
            self.choices.set(proposed);
        }
    }
}

fn text(choices: RwSignal<BuilderQuery>, table: Memo<Option<TableInfo>>) -> Option<String> {
    choices.with(|choices| table.with(|table| table.as_ref().map(|table| sql::sql(choices, table))))
}
