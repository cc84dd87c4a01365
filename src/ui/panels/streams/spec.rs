//! What stands in the dialog, as a stream.

use leptos::prelude::GetUntracked;
use millrace_protocol::{ARRIVAL_TIME, StreamSource, StreamSourceKind, StreamSpec};

use super::suggestion::suggestion;
use crate::state::stream::{Draft, Kind};

/// Keys of generated rows.
const KEYS: u32 = 8;

/// The furthest that generated late rows stand behind, in milliseconds.
const LATE_MILLIS: u32 = 10_000;

/// The stream, or what is missing or wrong in a sentence.
pub fn spec_of(draft: Draft) -> Result<StreamSpec, String> {
    let kind = draft.kind.get_untracked();
    let table = table_of(draft);
    let by_arrival = draft.by_arrival.get_untracked();
    let source = match kind {
        Kind::File => {
            if draft.handle.get_untracked().is_none() {
                return Err(t!("Choose the file that grows.").to_owned());
            }
            StreamSourceKind::File { name: draft.file.get_untracked() }
        }
        Kind::Folder => {
            if draft.handle.get_untracked().is_none() {
                return Err(t!("Choose the folder that receives files.").to_owned());
            }
            StreamSourceKind::Folder { name: draft.file.get_untracked(), order: draft.order.get_untracked() }
        }
        Kind::Generator => StreamSourceKind::Generator {
            rows_per_second: number(&draft.rate.get_untracked(), t!("Rows a second"), 1.0, 1e7)?,
            rows: None,
            start_millis: js_sys::Date::now(),
            disorder_millis: whole(number(&draft.disorder.get_untracked(), t!("Disorder"), 0.0, 1e9)?),
            late_share: number(&draft.late.get_untracked(), t!("The share of late rows"), 0.0, 100.0)?
                / 100.0,
            late_millis: LATE_MILLIS,
            keys: KEYS,
            seed: 1,
        },
        Kind::Socket => StreamSourceKind::Socket { url: address(draft, &["ws:", "wss:"])? },
        Kind::Events => StreamSourceKind::Events { url: address(draft, &["http:", "https:"])? },
    };
    let written = draft.sql.get_untracked();
    let sql = match written.trim() {
        "" => suggestion(kind, &table, &draft.columns.get_untracked(), &time_of(draft)),
        written => written.to_owned(),
    };
    let (mut delay_millis, mut lateness_millis) = (0.0, 0.0);
    if !by_arrival {
        delay_millis = 1e3 * number(&draft.delay.get_untracked(), t!("The delay"), 0.0, 1e9)?;
        lateness_millis =
            1e3 * number(&draft.lateness.get_untracked(), t!("The allowed lateness"), 0.0, 1e9)?;
    }
    let event_time = Some(time_of(draft)).filter(|name| !by_arrival && !name.is_empty());
    let source = StreamSource { table, event_time, by_arrival, delay_millis, kind: source };
    let mode = draft.mode.get_untracked();
    Ok(StreamSpec { sql, sources: vec![source], mode, lateness_millis, idle_after_millis: None })
}

/// The name of the table, or the one that it has when nobody named it.
pub fn table_of(draft: Draft) -> String {
    let named = draft.table.get_untracked().trim().to_owned();
    match draft.kind.get_untracked() {
        _ if !named.is_empty() => named,
        Kind::Generator => "generated".to_owned(),
        _ => "stream".to_owned(),
    }
}

/// The column of the event time; empty for the only timestamp.
pub fn time_of(draft: Draft) -> String {
    match (draft.by_arrival.get_untracked(), draft.kind.get_untracked()) {
        (true, _) => ARRIVAL_TIME.to_owned(),
        (false, Kind::Generator) => "ts".to_owned(),
        (false, _) => draft.event_time.get_untracked().trim().to_owned(),
    }
}

/// An address with one of these schemes.
fn address(draft: Draft, schemes: &[&str]) -> Result<String, String> {
    let text = draft.url.get_untracked().trim().to_owned();
    let url =
        web_sys::Url::new(&text).map_err(|_| t!("Write the whole address, with its scheme.").to_owned())?;
    if schemes.contains(&url.protocol().as_str()) {
        return Ok(url.href());
    }
    Err(tf!(
        "The address begins with {a}.",
        a = schemes.iter().map(|s| format!("{s}//")).collect::<Vec<_>>().join(" or ")
    ))
}

fn number(text: &str, what: &str, least: f64, most: f64) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(tf!(
            "{what} must be a number from {least} to {most}.",
            what = what,
            least = least,
            most = most
        )),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn numbers_are_in_their_range() {
        assert_eq!(number(" 1.5 ", "The delay", 0.0, 10.0), Ok(1.5));
        let wrong = number("-1", "The delay", 0.0, 10.0);
        assert_eq!(wrong, Err("The delay must be a number from 0 to 10.".to_owned()));
        assert!(number("NaN", "The delay", 0.0, 10.0).is_err());
    }
}
