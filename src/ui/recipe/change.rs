//! A step of work in a few words.

use crate::{Board, Query, Recipe, Source};

/// What happened between two states of the work: `close the query “by day”`. The largest change is told.
pub fn describe(before: &Recipe, after: &Recipe) -> String {
    sources(&before.sources, &after.sources)
        .or_else(|| queries(&before.queries, &after.queries))
        .or_else(|| board(&before.board, &after.board))
        .unwrap_or_else(|| "nothing".to_owned())
}

fn sources(before: &[Source], after: &[Source]) -> Option<String> {
    let missing_in = |all: &[Source], from: &[Source]| -> Vec<String> {
        let is_missing = |source: &&Source| all.iter().all(|other| other.table != source.table);
        from.iter().filter(is_missing).map(|source| format!("“{}”", source.table)).collect()
    };
    let (gone, come) = (missing_in(after, before), missing_in(before, after));
    let noun = |names: &[String]| if names.len() == 1 { "the table" } else { "the tables" };
    if !gone.is_empty() && !come.is_empty() {
        return Some(format!("make {} of {}", come.join(", "), gone.join(", ")));
    }
    if !gone.is_empty() {
        return Some(format!("remove {} {}", noun(&gone), gone.join(", ")));
    }
    if !come.is_empty() {
        return Some(format!("add {} {}", noun(&come), come.join(", ")));
    }
    let changed = after.iter().find(|source| before.iter().all(|other| other != *source))?;
    Some(format!("change how “{}” is read", changed.table))
}

fn queries(before: &[Query], after: &[Query]) -> Option<String> {
    let missing = |all: &[Query], from: &[Query]| {
        let mut missing = from.iter().filter(|query| all.iter().all(|other| other.id != query.id));
        missing.next().map(|query| format!("the query “{}”", query.name))
    };
    if let Some(name) = missing(after, before) {
        return Some(format!("close {name}"));
    }
    if let Some(name) = missing(before, after) {
        return Some(format!("add {name}"));
    }
    let pairs = || after.iter().filter_map(|now| Some((before.iter().find(|was| was.id == now.id)?, now)));
    if let Some((was, now)) = pairs().find(|(was, now)| was.name != now.name) {
        return Some(format!("rename “{}” to “{}”", was.name, now.name));
    }
    if let Some((_, now)) = pairs().find(|(was, now)| was.builder != now.builder) {
        return Some(format!("change the choices of “{}”", now.name));
    }
    if let Some((_, now)) = pairs().find(|(was, now)| was.sql != now.sql) {
        return Some(format!("change the text of “{}”", now.name));
    }
    if let Some((_, now)) = pairs().find(|(was, now)| was.chart != now.chart) {
        return Some(format!("change the chart of “{}”", now.name));
    }
    (before != after).then(|| "move a query".to_owned())
}

fn board(before: &Board, after: &Board) -> Option<String> {
    let what = if before.tiles.len() < after.tiles.len() {
        "add to the dashboard"
    } else if before.tiles.len() > after.tiles.len() {
        "take off the dashboard"
    } else if before.tiles != after.tiles {
        "arrange the dashboard"
    } else if before.filters != after.filters {
        "filter the dashboard"
    } else {
        return None;
    };
    Some(what.to_owned())
}
