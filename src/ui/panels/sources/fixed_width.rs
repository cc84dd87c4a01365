//! What can be said about text of fixed width: where its columns begin, and whether the first line names them.

use leptos::prelude::*;
use millrace_protocol::{Dialect, ErrorInfo, ErrorKind};

use super::reading::{Chosen, Reading, Typed, yes_no};

/// Fields for it.
#[component]
pub(super) fn FixedWidthFields(reading: Reading, dialect: Memo<Option<Dialect>>) -> impl IntoView {
    let found = move |part: fn(&Dialect) -> String| {
        Signal::derive(move || dialect.with(|dialect| dialect.as_ref().map(part).unwrap_or_default()))
    };
    let starts = reading.said(|options| options.column_starts.as_deref().map(written));
    let header = reading.said(|options| options.header.map(yes_no));
    let say = move |said: Option<String>| match said.as_deref().map(starts_of) {
        None => reading.change(|options| options.column_starts = None),
        Some(Some(starts)) => reading.change(|options| options.column_starts = Some(starts)),
        Some(None) => {
            let error = ErrorInfo::new(ErrorKind::File, "These are no beginnings of columns.")
                .with_hint("Give the numbers of the characters at which columns begin, as 1, 9, 24.");
            reading.fail(error);
        }
    };
    view! {
        <div class="col-span-full sm:col-span-2">
            <Typed label=t!("Columns begin at character") found=found(|dialect| written(&dialect.column_starts)) said=starts on_say=say/>
        </div>
        <Chosen label=t!("Header") found=found(|dialect| yes_no(dialect.header)) offered=&["yes", "no"] said=header
            on_say=move |said| reading.change(|options| options.header = said.map(|said| said == "yes"))/>
    }
}

/// Numbers as people write them.
pub(super) fn written(starts: &[u32]) -> String {
    starts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

/// The numbers in a text; `None` when there is something else in it.
fn starts_of(text: &str) -> Option<Vec<u32>> {
    let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn beginnings_are_read_as_they_are_written() {
        assert_eq!(starts_of("1, 9,24; 30"), Some(vec![1, 9, 24, 30]));
        assert_eq!(starts_of("1, nine"), None);
        assert_eq!(written(&[1, 9]), "1, 9");
    }
}
