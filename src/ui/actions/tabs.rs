//! What a person does with queries as wholes: tabs, their names and order, and queries over other queries.

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind, Position};
use millrace_recipe::{Composed, Query, compose, free_name, renamed_uses};

use super::Actions;
use crate::state::{Aside, Tab, TabId};

impl Actions {
    /// Shows the query of another tab. Runs go on.
    pub fn open_tab(self, id: TabId) {
        let open = self.tabs.open.get_untracked();
        if open == id || self.tabs.name(id).is_none() {
            return;
        }
        let there = self.tabs.take(id).unwrap_or_default();
        let here = self.query.put_aside(self.stream);
        batch(move || {
            // A tab that is no longer in the list was closed.
            if self.tabs.name(open).is_some() {
                self.tabs.put(open, here);
            }
            self.tabs.open.set(id);
            self.query.bring_back(self.stream, there);
        });
    }

    /// Adds an empty query and shows it.
    pub fn new_tab(self) {
        let tab = self.tabs.fresh("");
        let id = tab.id;
        batch(move || {
            self.show_board(false);
            self.tabs.list.update(|list| list.push(tab));
            self.open_tab(id);
        });
    }

    /// Adds a copy of the query on screen beside it and shows it.
    pub fn copy_tab(self) {
        let open = self.tabs.open.get_untracked();
        let tab = self.tabs.fresh(&self.tabs.name(open).unwrap_or_default());
        let query = self.query;
        let copy = Aside {
            sql: query.sql.get_untracked(),
            builder: query.builder.get_untracked(),
            chart: query.chart.get_untracked(),
            ..Aside::default()
        };
        let id = tab.id;
        batch(move || {
            self.tabs.put(id, copy);
            self.tabs.list.update(|list| {
                let place = list.iter().position(|tab| tab.id == open).map_or(list.len(), |place| place + 1);
                list.insert(place, tab);
            });
            self.open_tab(id);
        });
    }

    /// Closes a query: what runs is cancelled, and its result is given back. The last one leaves an empty one.
    pub fn close_tab(self, id: TabId) {
        self.about_to_lose();
        self.drop_tab(id);
    }

    fn drop_tab(self, id: TabId) {
        let list = self.tabs.list.get_untracked();
        let Some(place) = list.iter().position(|tab| tab.id == id) else { return };
        batch(move || {
            if self.tabs.open.get_untracked() == id {
                let next = list.get(place + 1).or_else(|| list.get(place.checked_sub(1)?));
                match next {
                    Some(next) => self.open_tab(next.id),
                    None => self.new_tab(),
                }
            }
            if let Some(aside) = self.tabs.take(id) {
                if let Some(query) = aside.run.running_id {
                    self.client.cancel(query);
                }
                if let Some(result) = aside.run.id.filter(|result| aside.run.running_id != Some(*result)) {
                    self.client.forget(result);
                }
            }
            self.tabs.set_running(id, false);
            self.tabs.list.update(|list| list.retain(|tab| tab.id != id));
        });
    }

    /// Shows the tab so many places further on, beginning anew behind the last.
    pub fn step_tab(self, step: isize) {
        let open = self.tabs.open.get_untracked();
        let next = self.tabs.list.with_untracked(|list| {
            let place = list.iter().position(|tab| tab.id == open)?;
            let count = isize::try_from(list.len()).ok()?;
            let next = isize::try_from(place).ok()?.checked_add(step)?.rem_euclid(count);
            list.get(usize::try_from(next).ok()?).map(|tab| tab.id)
        });
        if let Some(next) = next {
            self.open_tab(next);
        }
    }

    /// Puts a tab where another one is.
    pub fn move_tab(self, id: TabId, to: usize) {
        let from = self.tabs.list.with_untracked(|list| list.iter().position(|tab| tab.id == id));
        if let Some(from) = from.filter(|from| *from != to) {
            self.tabs.list.update(|list| {
                let tab = list.remove(from);
                list.insert(to.min(list.len()), tab);
            });
        }
    }

    /// Moves the open tab so many places.
    pub fn shift_tab(self, step: isize) {
        let open = self.tabs.open.get_untracked();
        let place = self.tabs.list.with_untracked(|list| list.iter().position(|tab| tab.id == open));
        if let Some(to) = place.and_then(|place| place.checked_add_signed(step)) {
            self.move_tab(open, to);
        }
    }

    /// Gives a query another name, also where others use it by its name. A name that another query or a table has
    /// gets a number.
    pub fn rename_tab(self, id: TabId, wish: &str) {
        let Some(before) = self.tabs.name(id) else { return };
        let wish = wish.trim();
        if wish.is_empty() || wish == before {
            return;
        }
        let name = {
            let list = self.tabs.list.get_untracked();
            let others = list.iter().filter(|tab| tab.id != id).map(|tab| tab.name.as_str());
            let tables = self.table_names();
            free_name(others.chain(tables.iter().map(String::as_str)), wish)
        };
        let queries = untrack(|| self.tabs.queries(self.query));
        let is_table = self.table_names().contains(&before);
        batch(move || {
            for query in queries.into_iter().filter(|_| !is_table) {
                let text = renamed_uses(&query.sql, &before, &name);
                if text != query.sql {
                    self.write_tab(query.id, text);
                }
            }
            self.tabs.list.update(|list| {
                for tab in list.iter_mut().filter(|tab| tab.id == id) {
                    tab.name.clone_from(&name);
                }
            });
        });
    }

    /// Makes the tabs those of a recipe. Tabs that are among them already keep their runs.
    pub fn put_queries(self, queries: Vec<Query>, open: TabId) {
        batch(move || {
            let mut queries = queries;
            if queries.is_empty() {
                let Tab { id, name } = self.tabs.fresh("");
                queries.push(Query { id, name, ..Query::default() });
            }
            self.tabs.reserve(queries.iter().map(|query| query.id).max().unwrap_or_default());
            let before = self.tabs.list.get_untracked();
            let tabs: Vec<Tab> =
                queries.iter().map(|query| Tab { id: query.id, name: query.name.clone() }).collect();
            let shown = self.tabs.open.get_untracked();
            let changed = self.changed_by(&queries);
            for query in queries {
                self.put_query(query);
            }
            // First those that come, so that there is one to show when others are closed.
            let gone: Vec<Tab> =
                before.into_iter().filter(|tab| tabs.iter().all(|other| other.id != tab.id)).collect();
            self.tabs.list.set(tabs.iter().chain(&gone).cloned().collect());
            let is_there = |id: &TabId| tabs.iter().any(|tab| tab.id == *id);
            let next = [changed, Some(shown), Some(open)].into_iter().flatten().find(is_there);
            if let Some(next) = next.or_else(|| tabs.first().map(|tab| tab.id)) {
                self.open_tab(next);
            }
            for tab in gone {
                self.drop_tab(tab.id);
            }
        });
    }

    /// What is wrong with a text, without running it.
    ///
    /// # Errors
    /// When the engine is lost meanwhile.
    pub async fn check(self, sql: String) -> Result<Option<ErrorInfo>, ErrorInfo> {
        match self.composed(&sql) {
            Ok(composed) => match self.client.check(composed.sql.clone()).await? {
                Some(error) => Ok(Some(self.placed(&composed, error).await)),
                None => Ok(None),
            },
            Err(error) => Ok(Some(error)),
        }
    }

    /// The text of the open tab, with the queries that it uses in front of it.
    pub(super) fn composed(self, sql: &str) -> Result<Composed, ErrorInfo> {
        let name = self.tabs.name(self.tabs.open.get_untracked());
        let queries = untrack(|| self.tabs.queries(self.query));
        compose(sql, name.as_deref(), &queries, &self.table_names()).map_err(|tangle| {
            ErrorInfo::new(ErrorKind::Sql, tangle.to_string())
                .with_hint("Let one of them read a table instead, or write its text into the other.")
        })
    }

    /// An error of a composed text, told of the text that it is in. Where the engine does not say where it is, the
    /// queries that are used are looked at one by one.
    pub(super) async fn placed(self, composed: &Composed, error: ErrorInfo) -> ErrorInfo {
        if let Some(position) = error.position {
            return placed_at(composed, position, error);
        }
        let queries = untrack(|| self.tabs.queries(self.query));
        for name in composed.used() {
            let Some(query) = queries.iter().find(|query| query.name == name) else { continue };
            let Ok(alone) = compose(&query.sql, Some(name), &queries, &self.table_names()) else { continue };
            // An engine that is gone tells so otherwise.
            if let Ok(Some(found)) = self.client.check(alone.sql).await {
                let message = tf!("In the query “{name}”: {a}", name = name, a = found.message);
                return ErrorInfo { message, position: None, ..found };
            }
        }
        error
    }

    fn table_names(self) -> Vec<String> {
        self.tables.list.with_untracked(|list| list.iter().map(|table| table.name.clone()).collect())
    }

    /// The only tab whose query another state of the work changes, so that the change is seen.
    fn changed_by(self, queries: &[Query]) -> Option<TabId> {
        let now = untrack(|| self.tabs.queries(self.query));
        let mut changed = queries.iter().filter(|query| !now.contains(query)).map(|query| query.id);
        changed.next().filter(|_| changed.next().is_none())
    }

    fn write_tab(self, id: TabId, sql: String) {
        if self.tabs.open.get_untracked() == id {
            self.query.sql.set(sql);
        } else if let Some(aside) = self.tabs.take(id) {
            self.tabs.put(id, Aside { sql, ..aside });
        }
    }

    fn put_query(self, query: Query) {
        // Choices that cannot be understood are those of nothing, and the text stays.
        let builder = serde_json::from_value(query.builder).unwrap_or_default();
        if self.tabs.open.get_untracked() == query.id {
            let shown = self.query;
            set_changed(shown.sql, query.sql);
            set_changed(shown.builder, builder);
            set_changed(shown.chart, query.chart);
        } else {
            let aside = self.tabs.take(query.id).unwrap_or_default();
            self.tabs.put(query.id, Aside { sql: query.sql, builder, chart: query.chart, ..aside });
        }
    }
}

fn set_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

fn placed_at(composed: &Composed, position: Position, error: ErrorInfo) -> ErrorInfo {
    let start = composed.place(position.line, position.column);
    let end = composed.place(position.end_line, position.end_column);
    if let Some(query) = start.query {
        let message = tf!(
            "In the query “{query}”, line {a}, column {b}: {c}",
            query = query,
            a = start.line,
            b = start.column,
            c = error.message
        );
        return ErrorInfo { message, position: None, ..error };
    }
    let (end_line, end_column) = match end.query {
        None => (end.line, end.column),
        Some(_) => (start.line, start.column + 1),
    };
    let position = Position { line: start.line, column: start.column, end_line, end_column };
    ErrorInfo { position: Some(position), ..error }
}
