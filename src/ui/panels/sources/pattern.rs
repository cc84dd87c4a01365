//! A pattern of lines, tried on the beginning of a file while it is typed.

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, PatternLine, PatternPreview, Position};
use wasm_bindgen_futures::spawn_local;

use super::reading::Reading;
use crate::browser;

/// Typing goes on for shorter than this between two letters.
const TYPING_MILLIS: i32 = 150;
/// Lines that are shown, and how many more of those that do not fit.
const LINES_SHOWN: usize = 40;
const OTHERS_SHOWN: usize = 10;
/// Colours of fields, one after the other.
const COLOURS: [&str; 4] = ["bg-primary/25", "bg-success/25", "bg-warning/25", "bg-info/25"];

/// What became of the text that was typed last.
type Tried = Option<(String, Result<PatternPreview, ErrorInfo>)>;

/// A field for a pattern. What is typed is tried at once; the table is read by it when the field is left, or on Enter.
#[component]
pub(super) fn PatternInput(reading: Reading) -> impl IntoView {
    let tried: RwSignal<Tried> = RwSignal::new(None);
    let typed = StoredValue::new(0u32);
    let try_soon = move |pattern: String| {
        typed.update_value(|typed| *typed += 1);
        let number = typed.get_value();
        if pattern.is_empty() {
            tried.set(None);
            return;
        }
        spawn_local(async move {
            browser::sleep(TYPING_MILLIS).await;
            // The dialog may have been closed, or another letter typed.
            if typed.try_get_value() != Some(number) {
                return;
            }
            let outcome = reading.preview_pattern(pattern.clone()).await;
            if typed.try_get_value() == Some(number) {
                let _ = tried.try_set(Some((pattern, outcome)));
            }
        });
    };
    let said = reading.said(|options| options.pattern.clone());
    view! {
        <label class="col-span-full flex min-w-0 flex-col gap-0.5">
            <span class="text-base-content/70">{t!("Pattern of lines")}</span>
            <input
                class="input input-xs w-full font-mono"
                autocomplete="off"
                spellcheck="false"
                placeholder=t!("regular expression with named groups, or grok: %{IP:client} %{NUMBER:bytes:int}")
                aria-describedby="pattern-outcome"
                prop:value=move || said.get().unwrap_or_default()
                on:input=move |event| try_soon(event_target_value(&event))
                on:focus=move |event| try_soon(event_target_value(&event))
                on:change=move |event| {
                    let typed = event_target_value(&event);
                    reading.change(|options| options.pattern = (!typed.is_empty()).then_some(typed));
                }
            />
        </label>
        <div id="pattern-outcome" class="col-span-full" role="status" data-part="pattern-outcome">
            {move || tried.get().map(|(pattern, outcome)| match outcome {
                Ok(preview) => outcome_view(preview).into_any(),
                Err(error) => mistake(&pattern, &error).into_any(),
            })}
        </div>
    }
}

/// What is wrong with a pattern, with the place marked.
fn mistake(pattern: &str, error: &ErrorInfo) -> impl IntoView + use<> {
    let (before, wrong, after) = error.position.map_or_else(
        || (pattern.to_owned(), String::new(), String::new()),
        |position| divided(pattern, position),
    );
    let place = error.position.map(|position| tf!("Character {a}: ", a = position.column));
    view! {
        <div class="text-error flex flex-col gap-1" data-part="pattern-error">
            <span>{place}{error.message.clone()}</span>
            {error.hint.clone().map(|hint| view! { <span class="text-base-content/70">{hint}</span> })}
            <code class="text-base-content overflow-x-auto whitespace-pre">
                {before}<mark class="bg-error/30 text-base-content underline decoration-wavy">{wrong}</mark>{after}
            </code>
        </div>
    }
}

/// The pattern before, at and behind a place; at least one character is at it, unless it is the end.
fn divided(pattern: &str, position: Position) -> (String, String, String) {
    let start = position.column.saturating_sub(1) as usize;
    let end = (position.end_column.saturating_sub(1) as usize).max(start + 1);
    let part = |from: usize, to: usize| pattern.chars().skip(from).take(to - from).collect::<String>();
    (part(0, start), part(start, end), pattern.chars().skip(end).collect())
}

/// How many lines fit, and the first of them with their fields marked.
fn outcome_view(preview: PatternPreview) -> impl IntoView {
    let PatternPreview { columns, lines, matched, unmatched } = preview;
    let all = matched + unmatched;
    let told = match (matched, unmatched) {
        (_, 0) => tf!("All of the first {all} lines fit.", all = all),
        (0, _) => tf!("None of the first {all} lines fits.", all = all),
        _ => tf!(
            "{matched} of the first {all} lines fit, {unmatched} do not.",
            matched = matched,
            all = all,
            unmatched = unmatched
        ),
    };
    let colour = if unmatched == 0 { "text-success" } else { "text-warning" };
    let names = columns.iter().enumerate().map(|(number, name)| {
        view! { <span class=format!("rounded px-1 font-mono {}", COLOURS[number % COLOURS.len()])>{name.clone()}</span> }
    });
    let names = names.collect_view();
    let (first, rest) = lines.split_at(lines.len().min(LINES_SHOWN));
    let others = rest.iter().filter(|line| line.fields.is_none()).take(OTHERS_SHOWN);
    let shown = first.iter().chain(others).map(|line| line_view(line, &columns)).collect_view();
    view! {
        <div class="flex flex-col gap-1">
            <div class="flex flex-wrap items-center gap-1.5">
                <span class=colour data-part="pattern-count">{told}</span>
                {names}
            </div>
            <div class="border-base-300 rounded-field max-h-48 overflow-auto border" tabindex="0" aria-label=t!("Lines and their fields")>
                <table class="font-mono whitespace-pre"><tbody>{shown}</tbody></table>
            </div>
        </div>
    }
}

fn line_view(line: &PatternLine, columns: &[String]) -> impl IntoView + use<> {
    let fits = line.fields.is_some();
    let text = match &line.fields {
        Some(fields) => marked(&line.text, fields, columns).into_any(),
        None => line.text.clone().into_any(),
    };
    view! {
        <tr data-fits=fits.to_string() class:text-error=!fits>
            <td class="text-base-content/70 figures px-2 text-right select-none">{line.line}</td>
            <td class="px-1 select-none" title=if fits { "" } else { "This line does not fit." }>{if fits { "" } else { "✗" }}</td>
            <td class="pr-2">{text}</td>
        </tr>
    }
}

/// A line with its fields marked. A field may lie within another: the outer one is marked.
fn marked(line: &str, fields: &[Option<(u32, u32)>], columns: &[String]) -> impl IntoView + use<> {
    let mut places: Vec<(usize, usize, usize)> = fields
        .iter()
        .enumerate()
        .filter_map(|(number, place)| place.map(|(start, end)| (start as usize, end as usize, number)))
        .filter(|(start, end, _)| start < end)
        .collect();
    places.sort_unstable_by_key(|&(start, end, _)| (start, std::cmp::Reverse(end)));
    let mut parts = Vec::new();
    let mut at = 0;
    for (start, end, number) in places {
        let (Some(before), Some(field)) = (line.get(at..start), line.get(start..end)) else { continue };
        let name = columns.get(number).cloned().unwrap_or_default();
        let class = format!("text-base-content rounded-xs {}", COLOURS[number % COLOURS.len()]);
        parts.push(view! { {before.to_owned()}<mark class=class title=name>{field.to_owned()}</mark> });
        at = end;
    }
    view! { {parts}{line.get(at..).unwrap_or_default().to_owned()} }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn the_place_of_a_mistake_is_divided_by_characters() {
        let at = |column, end_column| Position { line: 1, column, end_line: 1, end_column };
        let parts = |pattern, position| {
            let (before, wrong, after) = divided(pattern, position);
            [before, wrong, after].join("|")
        };
        assert_eq!(parts("é%{X:a} b", at(2, 8)), "é|%{X:a}| b");
        assert_eq!(parts("(a", at(1, 1)), "|(|a");
        assert_eq!(parts("(a", at(3, 3)), "(a||");
    }
}
