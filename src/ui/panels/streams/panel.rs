//! How the page's stream is, and what can be done with it.

use leptos::prelude::*;
use millrace_protocol::{CheckpointInfo, StreamAction, StreamPhase, StreamStatus};

use super::late_rows::LateRows;
use crate::{
    actions::Actions,
    format,
    icons::{self, Icon},
    panels::error_card::ErrorCard,
    state::StreamState,
};

/// Notices that are shown; the status has more.
const NOTICES_SHOWN: usize = 3;

/// Figures, buttons and notices of the page's stream; nothing when there is none.
#[component]
pub fn StreamPanel() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let shown = Memo::new(move |_| stream.id.with(Option::is_some) && stream.status.with(Option::is_some));
    view! {
        <Show when=move || shown.get()>
            <section class="panel flex shrink-0 flex-col gap-3 p-3" aria-label=t!("Stream") data-panel="stream">
                <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
                    <Phase/>
                    <span class="grow"></span>
                    <Buttons/>
                </div>
                <Figures/>
                <Notices/>
            </section>
        </Show>
        <Failure/>
    }
}

#[component]
fn Phase() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let phase = phase_of(stream);
    let dot = move || match phase.get() {
        StreamPhase::Starting => "bg-warning animate-pulse",
        StreamPhase::Running => "bg-success animate-pulse",
        StreamPhase::Paused => "bg-warning",
        StreamPhase::Stopped | StreamPhase::Ended => "bg-base-content/40",
    };
    let words = move || match phase.get() {
        StreamPhase::Starting => t!("waiting for the first rows"),
        StreamPhase::Running => t!("running"),
        StreamPhase::Paused => t!("paused"),
        StreamPhase::Stopped => t!("stopped"),
        StreamPhase::Ended => t!("all rows have come"),
    };
    view! {
        <h3 class="inline-flex items-center gap-2 text-sm font-medium" role="status" data-part="stream-phase">
            <span class=move || format!("size-2 rounded-full {}", dot())></span>
            {t!("Stream: ")} {words}
        </h3>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let actions = expect_context::<Actions>();
    let phase = phase_of(stream);
    let is_live =
        move || matches!(phase.get(), StreamPhase::Starting | StreamPhase::Running | StreamPhase::Paused);
    let is_paused = move || phase.get() == StreamPhase::Paused;
    let can_go_on = move || {
        let has_checkpoint = |status: &StreamStatus| {
            status.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.made_millis.is_some())
        };
        stream.status.with(|status| status.as_ref().is_some_and(has_checkpoint))
            && phase.get() == StreamPhase::Stopped
    };
    view! {
        <div class="flex flex-wrap gap-2">
            <Show when=is_live>
                <button
                    class="btn btn-sm"
                    data-part="pause-stream"
                    disabled=move || phase.get() == StreamPhase::Starting
                    on:click=move |_| {
                        actions.control_stream(if is_paused() { StreamAction::Resume } else { StreamAction::Pause });
                    }
                >
                    {move || {
                        let (path, words) = if is_paused() { (icons::RUN, t!("Resume")) } else { (icons::PAUSE, t!("Pause")) };
                        view! { <Icon path=path class="size-3.5"/> {words} }
                    }}
                </button>
                <button
                    class="btn btn-sm"
                    data-part="stop-stream"
                    on:click=move |_| actions.control_stream(StreamAction::Stop { close_windows: false })
                >
                    <Icon path=icons::STOP class="size-3.5"/>
                    {t!("Stop")}
                </button>
            </Show>
            <Show when=can_go_on>
                <button class="btn btn-primary btn-sm" data-part="resume-stream" on:click=move |_| actions.resume_stream()>
                    <Icon path=icons::RUN class="size-3.5"/>
                    {t!("Go on")}
                </button>
            </Show>
            <Show when=move || !is_live()>
                <button class="btn btn-sm" data-part="restart-stream" on:click=move |_| actions.restart_stream()>
                    <Icon path=icons::HISTORY class="size-3.5"/>
                    {t!("Start again")}
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Figures() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let late_open = RwSignal::new(false);
    let of = move |figure: fn(&StreamStatus) -> String| {
        move || stream.status.with(|status| status.as_ref().map(figure).unwrap_or_default())
    };
    let late =
        Signal::derive(move || stream.status.with(|status| status.as_ref().map_or(0, |s| s.late_rows)));
    let has_checkpoints =
        move || stream.status.with(|status| status.as_ref().is_some_and(|s| s.checkpoint.is_some()));
    view! {
        <dl class="grid grid-cols-2 gap-x-4 gap-y-2.5 text-xs sm:grid-cols-4 xl:grid-cols-[repeat(8,auto)]">
            <Figure name=t!("Rows a second") part="rate" value=of(|s| format::short(s.rows_per_second))/>
            <Figure name=t!("Rows") part="rows" value=of(|s| format::count(s.rows_in))/>
            <Figure name=t!("Watermark") part="watermark" value=of(watermark_text)
                hint=t!("Rows up to this event time are taken to have come.")/>
            <Figure name=t!("Behind the clock") part="lag" value=of(|s| s.lag_millis.map_or_else(|| "–".to_owned(), distance))
                exact=Signal::derive(of(|s| s.lag_millis.map(|millis| millis.to_string()).unwrap_or_default()))/>
            <Figure name=t!("Open windows") part="windows" value=of(|s| format::count(s.open_windows))/>
            <Figure name=t!("State") part="state" value=of(|s| format::bytes(s.state_bytes))
                hint=t!("Memory of the windows that are open.")/>
            <div class="min-w-0">
                <dt class="text-base-content/70">{t!("Late rows")}</dt>
                <dd class="figures" data-stream="late">
                    <button
                        class="enabled:text-warning enabled:cursor-pointer enabled:underline"
                        data-part="open-late-rows"
                        disabled=move || late.get() == 0
                        on:click=move |_| late_open.set(true)
                    >
                        {move || format::count(late.get())}
                    </button>
                </dd>
            </div>
            <Show when=has_checkpoints>
                <Figure name=t!("Checkpoint") part="checkpoint" value=of(|s| checkpoint_text(s.checkpoint.as_ref()))/>
            </Show>
        </dl>
        <Show when=move || late_open.get()>
            {move || stream.id.get_untracked().map(|id| view! { <LateRows stream=id open=late_open count=late/> })}
        </Show>
    }
}

#[component]
fn Figure(
    name: &'static str,
    /// Name for tests.
    part: &'static str,
    value: impl Fn() -> String + Send + Sync + 'static,
    #[prop(optional)] hint: &'static str,
    /// The number behind the words, for tests.
    #[prop(optional, into)]
    exact: Option<Signal<String>>,
) -> impl IntoView {
    view! {
        <div class="min-w-0" title=hint>
            <dt class="text-base-content/70">{name}</dt>
            <dd class="figures truncate" data-stream=part data-exact=move || exact.map(|exact| exact.get())>{value}</dd>
        </div>
    }
}

/// What became of sources, rows that do not fit, and checkpoints that cannot be kept.
#[component]
fn Notices() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    let notices =
        Memo::new(move |_| stream.status.with(|status| status.as_ref().map(notices_of).unwrap_or_default()));
    view! {
        <ul class="text-base-content/75 flex flex-col gap-1 text-xs empty:hidden" data-part="stream-notices">
            {move || notices.get().into_iter().map(|notice| view! {
                <li class="flex gap-1.5">
                    <span class="text-warning mt-0.5"><Icon path=icons::WARNING class="size-3.5"/></span>
                    <span class="min-w-0 break-words">{notice}</span>
                </li>
            }).collect_view()}
        </ul>
    }
}

fn notices_of(status: &StreamStatus) -> Vec<String> {
    let mut notices = Vec::new();
    if status.bad_rows > 0 {
        let first = status.bad_row_list.first();
        let first =
            first.map(|row| tf!(" First: line {a} of {b}: {c}.", a = row.line, b = row.file, c = row.reason));
        notices.push(tf!(
            "{a} rows do not fit.{b}",
            a = format::count(status.bad_rows),
            b = first.unwrap_or_default()
        ));
    }
    if status.rows_without_time > 0 {
        notices.push(tf!(
            "{a} rows have no event time and are in no window.",
            a = format::count(status.rows_without_time)
        ));
    }
    if let Some(CheckpointInfo { failure: Some(failure), .. }) = &status.checkpoint {
        notices.push(tf!("Checkpoints are not kept: {failure}", failure = failure));
    }
    let idle = status.sources.iter().filter(|source| source.idle).map(|source| source.name.clone());
    let idle: Vec<String> = idle.collect();
    if !idle.is_empty() {
        notices.push(tf!("Silent, and not waited for: {a}.", a = idle.join(", ")));
    }
    let earlier = status.notices.len().saturating_sub(NOTICES_SHOWN);
    notices.extend(status.notices.iter().skip(earlier).cloned());
    notices
}

/// Why the stream failed.
#[component]
fn Failure() -> impl IntoView {
    let stream = expect_context::<StreamState>();
    move || {
        stream.error.get().map(|error| {
            view! {
                <ErrorCard error=error subject="Stream" on_close=move || stream.error.set(None)>
                    <button class="btn btn-sm" on:click=move |_| stream.dialog.set(true)>{t!("Change it")}</button>
                </ErrorCard>
            }
        })
    }
}

fn phase_of(stream: StreamState) -> Memo<StreamPhase> {
    Memo::new(move |_| stream.status.with(|status| status.as_ref().map(|s| s.phase).unwrap_or_default()))
}

/// `2024-05-01 12:00:03`.
fn time(millis: f64) -> String {
    let iso = String::from(js_sys::Date::new(&millis.into()).to_iso_string());
    iso.get(..19).unwrap_or(&iso).replace('T', " ")
}

/// `1.2 s`, `3 min 02 s`, `12 days`; ahead of the clock with a sign.
fn distance(millis: f64) -> String {
    const HOUR_MILLIS: f64 = 3_600_000.0;
    let far = millis.abs();
    let text = match far {
        far if far < 100.0 * 60_000.0 => format::duration(far),
        far if far < 48.0 * HOUR_MILLIS => format!("{:.0} h", far / HOUR_MILLIS),
        far => tf!("{a} days", a = format!("{:.0}", far / (24.0 * HOUR_MILLIS))),
    };
    if millis < 0.0 { format!("−{text}") } else { text }
}

/// The time of day alone while the day is today's.
fn watermark_text(status: &StreamStatus) -> String {
    let Some(millis) = status.watermark_millis else { return "–".to_owned() };
    let (text, today) = (time(millis), time(js_sys::Date::now()));
    match text.split_once(' ') {
        Some((day, of_day)) if today.starts_with(day) => of_day.to_owned(),
        _ => text,
    }
}

fn checkpoint_text(checkpoint: Option<&CheckpointInfo>) -> String {
    match checkpoint {
        Some(CheckpointInfo { made_millis: Some(millis), bytes, .. }) => {
            let time = time(*millis);
            format!("{} · {}", time.get(11..).unwrap_or_default(), format::bytes(*bytes))
        }
        _ => t!("not yet").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn times_and_distances_are_short() {
        assert_eq!(time(1_714_564_803_456.0), "2024-05-01 12:00:03");
        assert_eq!(distance(1_234.0), "1.2 s");
        assert_eq!(distance(-38.0), "−38 ms");
        assert_eq!(distance(3_600_000.0 * 24.0 * 12.0), "12 days");
        assert_eq!(checkpoint_text(Some(&CheckpointInfo::default())), "not yet");
    }

    #[wasm_bindgen_test]
    fn only_the_last_notices_are_shown() {
        let notices = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let status = StreamStatus { bad_rows: 2, notices, ..StreamStatus::default() };
        assert_eq!(notices_of(&status), ["2 rows do not fit.", "b", "c", "d"]);
    }
}
