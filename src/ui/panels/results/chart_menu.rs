//! Ways to take the chart away: as a picture, as a drawing, as its numbers.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag};

use super::{chart_drawing::ChartDrawing, chart_state::ChartState, chart_view::reason};
use crate::{
    actions::Actions,
    browser,
    charts::{ChartTable, Palette},
    icons::{self, Icon},
    state::{BoardState, Tabs, Theme},
};

/// Buttons to save and to copy the chart.
#[component]
pub fn ChartMenu(
    state: ChartState,
    drawing: ChartDrawing,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let theme: Theme = expect_context();
    let copied = RwSignal::new(false);
    let failed = move |what: &str, refused: &JsValue| {
        let _ = problem.try_set(Some(tf!(
            "The chart could not be {what}: {a}",
            what = what,
            a = reason(refused)
        )));
    };
    let background = move || Palette::of(theme.dark.get_untracked(), false).background;
    let save = move |kind: &'static str| {
        spawn_local(async move {
            let saved = match drawing.picture(kind, background()).await {
                Some(Ok(picture)) => browser::download(&picture, &format!("millrace-chart.{kind}")),
                Some(Err(refused)) => Err(refused),
                None => Ok(()),
            };
            if let Err(refused) = saved {
                failed("saved", &refused);
            }
        });
    };
    let save_rows = move |_| {
        let Some(csv) = state.with_figure_untracked(|source, figure| ChartTable::of(source, figure).csv())
        else {
            return;
        };
        let options = BlobPropertyBag::new();
        options.set_type("text/csv");
        let file = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&csv.into()), &options);
        if let Err(refused) = file.and_then(|file| browser::download(&file, "millrace-chart.csv")) {
            failed("saved", &refused);
        }
    };
    let copy = move |_| {
        spawn_local(async move {
            match drawing.copy(background()).await {
                Some(Ok(())) => {
                    let _ = copied.try_set(true);
                    browser::sleep(2_000).await;
                    let _ = copied.try_set(false);
                }
                Some(Err(refused)) => failed("copied", &refused),
                None => {}
            }
        });
    };
    let actions: Actions = expect_context();
    let (board, tabs): (BoardState, Tabs) = (expect_context(), expect_context());
    let is_on_board = Memo::new(move |_| {
        let open = tabs.open.get();
        board.board.with(|board| board.tiles.iter().any(|tile| tile.query == open))
    });
    let add = move |_| {
        if is_on_board.get_untracked() {
            actions.show_board(true);
        } else {
            actions.add_tiles(&[tabs.open.get_untracked()]);
        }
    };
    let pictures = [
        ("png", "PNG", t!("Save the chart as a picture")),
        ("svg", "SVG", t!("Save the chart as a drawing")),
    ];
    view! {
        <div class="flex items-center" role="group" aria-label=t!("Save the chart")>
            {pictures.map(|(kind, label, title)| view! {
                <button type="button" class="quiet-button" on:click=move |_| save(kind) title=title data-download=kind>
                    <Icon path=icons::DROP class="size-3.5"/>
                    {label}
                </button>
            }).collect_view()}
            <button type="button" class="quiet-button" on:click=save_rows title=t!("Save what the chart shows as a table") data-download="chart-csv">
                <Icon path=icons::DROP class="size-3.5"/>
                {t!("Data")}
            </button>
            <button type="button" class="quiet-button" on:click=add title=t!("Show the chart beside others") data-part="add-to-board">
                <Icon path=icons::BOARD class="size-3.5"/>
                {move || if is_on_board.get() { t!("On the dashboard") } else { t!("To dashboard") }}
            </button>
            <button type="button" class="quiet-button" on:click=copy title=t!("Copy the chart as a picture") data-part="copy-chart">
                {move || if copied.get() { t!("Copied") } else { t!("Copy") }}
            </button>
        </div>
    }
}
