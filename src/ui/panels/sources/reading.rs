//! What a person says about a file instead of leaving it to a guess.

use leptos::prelude::*;
use millrace_protocol::{
    BadRowPolicy, ColumnInfo, DateOrder, Dialect, ErrorInfo, PatternPreview, TableInfo, TableOptions,
};
use wasm_bindgen_futures::spawn_local;

use super::{fixed_width::FixedWidthFields, pattern::PatternInput};
use crate::{engine_client::EngineClient, panels::error_card::ErrorCard};

/// Encodings that are offered, by names that browsers know; text in UTF-8 says so itself.
const ENCODINGS: &[&str] = &[
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "iso-8859-2",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
];
/// Types that columns of delimited text can have.
const TYPES: &[&str] = &["BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR"];
/// What an empty field stands for: no quotes, no escapes.
const NONE: &str = "none";

/// What is said about one table. `Copy`.
#[derive(Clone, Copy)]
pub struct Reading {
    client: EngineClient,
    table: StoredValue<String>,
    options: RwSignal<TableOptions>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<ErrorInfo>>,
}

impl Reading {
    /// What was said about this table before.
    pub fn of(client: EngineClient, table: String) -> Self {
        let options = RwSignal::new(client.options(&table));
        let table = StoredValue::new(table);
        Self { client, table, options, busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// What is said of something.
    pub(super) fn said<T: Send + Sync + 'static>(
        self,
        part: fn(&TableOptions) -> Option<T>,
    ) -> Signal<Option<T>> {
        Signal::derive(move || self.options.with(part))
    }

    /// What a pattern makes of the first lines.
    pub(super) async fn preview_pattern(self, pattern: String) -> Result<PatternPreview, ErrorInfo> {
        self.client.preview_pattern(self.table.get_value(), pattern).await
    }

    /// Shows what is wrong with what was typed.
    pub(super) fn fail(self, error: ErrorInfo) {
        self.error.set(Some(error));
    }

    /// Says something else, and reads the file anew; if it cannot be read so, all stays as it was.
    pub(super) fn change(self, change: impl FnOnce(&mut TableOptions)) {
        let before = self.options.get_untracked();
        let mut options = before.clone();
        change(&mut options);
        if options == before {
            return;
        }
        self.options.set(options.clone());
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let outcome = self.client.set_options(self.table.get_value(), options).await;
            // The dialog may have been closed meanwhile.
            let _ = self.busy.try_set(false);
            if let Err(error) = outcome {
                let _ = self.options.try_set(before);
                let _ = self.error.try_set(Some(error));
            }
        });
    }
}

/// The guesses about a file, each of which can be replaced. Every change is applied at once.
#[component]
pub fn ReadingForm(reading: Reading, table: Memo<Option<TableInfo>>) -> impl IntoView {
    let dialect =
        Memo::new(move |_| table.with(|table| table.as_ref().and_then(|table| table.dialect.clone())));
    let is_text = Memo::new(move |_| {
        table.with(|table| {
            let format = table.as_ref().map(|table| table.format.as_str()).unwrap_or_default();
            !matches!(format, "" | "parquet" | "arrow" | "avro" | "excel" | "sqlite")
        })
    });
    let found = move |part: fn(&Dialect) -> String| {
        Signal::derive(move || dialect.with(|dialect| dialect.as_ref().map(part).unwrap_or_default()))
    };
    view! {
        <Show when=move || is_text.get()>
            <details class="pb-3 text-xs" data-part="reading">
                <summary class="cursor-pointer font-medium">
                    {t!("How it is read")}
                    <Show when=move || reading.busy.get()><span class="loading loading-spinner loading-xs ml-2"></span></Show>
                </summary>
                <div class="grid grid-cols-2 gap-x-4 gap-y-2 pt-2 sm:grid-cols-3 lg:grid-cols-4">
                    <Show when=move || dialect.with(|dialect| dialect.as_ref().is_some_and(is_fixed_width))>
                        <FixedWidthFields reading=reading dialect=dialect/>
                    </Show>
                    <Show when=move || dialect.with(|dialect| dialect.as_ref().is_some_and(|dialect| !is_fixed_width(dialect)))>
                        <Typed label=t!("Delimiter") found=found(|dialect| dialect.delimiter.replace('\t', "tab"))
                            said=Signal::derive(move || reading.options.with(|o| o.delimiter.clone().map(|d| d.replace('\t', "tab"))))
                            on_say=move |said| reading.change(|o| o.delimiter = said.map(|said| said.replace("tab", "\t")))/>
                        <Chosen label=t!("Quotes") found=found(|dialect| or_none(&dialect.quote)) offered=&["\"", "'", NONE]
                            said=Signal::derive(move || reading.options.with(|o| o.quote.as_deref().map(or_none)))
                            on_say=move |said| reading.change(|o| o.quote = said.map(without_none))/>
                        <Chosen label=t!("Escape") found=found(|dialect| or_none(&dialect.escape)) offered=&["\\", NONE]
                            said=Signal::derive(move || reading.options.with(|o| o.escape.as_deref().map(or_none)))
                            on_say=move |said| reading.change(|o| o.escape = said.map(without_none))/>
                        <Chosen label=t!("Header") found=found(|dialect| yes_no(dialect.header)) offered=&["yes", "no"]
                            said=Signal::derive(move || reading.options.with(|o| o.header.map(yes_no)))
                            on_say=move |said| reading.change(|o| o.header = said.map(|said| said == "yes"))/>
                        <Typed label=t!("Lines to skip") found=found(|dialect| dialect.skipped_lines.to_string())
                            said=Signal::derive(move || reading.options.with(|o| o.skip_lines.map(|lines| lines.to_string())))
                            on_say=move |said| reading.change(|o| o.skip_lines = said.and_then(|said| said.parse().ok()))/>
                        <Typed label=t!("Comments begin with") found=found(|dialect| or_none(&dialect.comment))
                            said=Signal::derive(move || reading.options.with(|o| o.comment.clone()))
                            on_say=move |said| reading.change(|o| o.comment = said.map(without_none))/>
                        <Chosen label=t!("Decimal mark") found=found(|dialect| dialect.decimal.clone()) offered=&[".", ","]
                            said=Signal::derive(move || reading.options.with(|o| o.decimal.clone()))
                            on_say=move |said| reading.change(|o| o.decimal = said)/>
                        <Chosen label=t!("Dates") found=found(|dialect| dialect.date_order.map(order_text).unwrap_or_default())
                            offered=&["day first", "month first", "year first"]
                            said=Signal::derive(move || reading.options.with(|o| o.date_order.map(order_text)))
                            on_say=move |said| reading.change(|o| o.date_order = said.and_then(|said| order_of(&said)))/>
                        <Typed label=t!("Words for null") found=found(|dialect| dialect.null_values.join(", "))
                            said=Signal::derive(move || reading.options.with(|o| o.null_values.as_ref().map(|words| words.join(", "))))
                            on_say=move |said| reading.change(|o| {
                                o.null_values = said.map(|said| said.split(',').map(|word| word.trim().to_owned()).collect());
                            })/>
                    </Show>
                    <Chosen label=t!("Encoding") offered=ENCODINGS
                        found=Signal::derive(move || table.with(|table| {
                            table.as_ref().and_then(|table| table.encoding.clone()).unwrap_or_else(|| "utf-8".to_owned()).to_lowercase()
                        }))
                        said=Signal::derive(move || reading.options.with(|o| o.encoding.clone()))
                        on_say=move |said| reading.change(|o| o.encoding = said)/>
                    <Chosen label=t!("Bad rows") found="keep, bad fields are null".to_owned() offered=&["keep", "skip", "stop"]
                        said=Signal::derive(move || reading.options.with(|o| o.bad_rows.map(policy_text)))
                        on_say=move |said| reading.change(|o| o.bad_rows = said.and_then(|said| policy_of(&said)))/>
                    <PatternInput reading=reading/>
                </div>
                {move || reading.error.get().map(|error| view! { <div class="pt-2"><ErrorCard error=error compact=true/></div> })}
            </details>
        </Show>
    }
}

/// The type of a column of delimited text.
#[component]
pub fn TypePicker(reading: Reading, column: ColumnInfo) -> impl IntoView {
    let name = column.name.clone();
    let label = format!("Type of {}", column.name);
    let offered = TYPES.iter().map(|offered| {
        let selected = column.type_name == *offered || column.type_name.starts_with(&format!("{offered}("));
        view! { <option value=*offered selected=selected>{offered.to_lowercase()}</option> }
    });
    view! {
        <select
            class="select select-ghost text-2xs text-base-content/70 block h-5 min-h-0 w-auto pl-0 font-normal"
            aria-label=label
            on:change=move |event| {
                let chosen = event_target_value(&event);
                reading.change(|options| {
                    options.types.insert(name.clone(), chosen);
                });
            }
        >
            {offered.collect_view()}
        </select>
    }
}

/// A text, or what was found out while nothing is said.
#[component]
pub(super) fn Typed(
    label: &'static str,
    #[prop(into)] found: Signal<String>,
    said: Signal<Option<String>>,
    on_say: impl Fn(Option<String>) + 'static,
) -> impl IntoView {
    view! {
        <label class="flex min-w-0 flex-col gap-0.5">
            <span class="text-base-content/70">{label}</span>
            <input
                class="input input-xs w-full"
                autocomplete="off"
                spellcheck="false"
                placeholder=found
                prop:value=move || said.get().unwrap_or_default()
                on:change=move |event| {
                    let typed = event_target_value(&event);
                    on_say((!typed.is_empty()).then_some(typed));
                }
            />
        </label>
    }
}

/// One of some texts, or what was found out while nothing is said.
#[component]
pub(super) fn Chosen(
    label: &'static str,
    #[prop(into)] found: Signal<String>,
    offered: &'static [&'static str],
    said: Signal<Option<String>>,
    on_say: impl Fn(Option<String>) + 'static,
) -> impl IntoView {
    let guess = move || match found.get() {
        found if found.is_empty() => "as found".to_owned(),
        found => format!("as found ({found})"),
    };
    let options = move || {
        let said = said.get();
        let option = |offered: &&'static str| {
            let selected = said.as_deref() == Some(*offered);
            view! { <option value=*offered selected=selected>{*offered}</option> }
        };
        offered.iter().map(option).collect_view()
    };
    view! {
        <label class="flex min-w-0 flex-col gap-0.5">
            <span class="text-base-content/70">{label}</span>
            <select
                class="select select-xs w-full"
                on:change=move |event| {
                    let chosen = event_target_value(&event);
                    on_say((!chosen.is_empty()).then_some(chosen));
                }
            >
                <option value="" selected=move || said.get().is_none()>{guess}</option>
                {options}
            </select>
        </label>
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.to_owned() }
}

fn without_none(text: String) -> String {
    if text == NONE { String::new() } else { text }
}

/// Whether the columns begin at given characters.
pub(super) fn is_fixed_width(dialect: &Dialect) -> bool {
    !dialect.column_starts.is_empty()
}

pub(super) fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn order_text(order: DateOrder) -> String {
    match order {
        DateOrder::DayMonthYear => "day first",
        DateOrder::MonthDayYear => "month first",
        DateOrder::YearMonthDay => "year first",
    }
    .to_owned()
}

fn order_of(text: &str) -> Option<DateOrder> {
    [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay]
        .into_iter()
        .find(|order| order_text(*order) == text)
}

fn policy_text(policy: BadRowPolicy) -> String {
    match policy {
        BadRowPolicy::Keep => "keep",
        BadRowPolicy::Skip => "skip",
        BadRowPolicy::Stop => "stop",
    }
    .to_owned()
}

fn policy_of(text: &str) -> Option<BadRowPolicy> {
    [BadRowPolicy::Keep, BadRowPolicy::Skip, BadRowPolicy::Stop]
        .into_iter()
        .find(|policy| policy_text(*policy) == text)
}
