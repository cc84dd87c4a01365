//! What the chart shows now: the default or the person's choice, and the newest series for it.

use leptos::prelude::*;
use millrace_protocol::{ColumnInfo, CommandId, ErrorInfo, SeriesPage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::latest::latest;
use crate::{
    browser,
    charts::{CHARTS, ChartChoice, MAX_SERIES, NoChart, default_choice},
    engine_client::EngineClient,
    state::QueryState,
};

/// Points of all series together: what is drawn well within 50 ms.
const MAX_POINTS: u32 = 7200;

/// Most points of one series; a screen is hardly wider.
const MAX_POINTS_OF_SERIES: u32 = 2400;

/// What is kept of the chart with its query: a person's choice, and the columns that it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    columns: Vec<ColumnInfo>,
    kind: String,
    x: u32,
    y: Vec<u32>,
    color: Option<u32>,
    stacked: bool,
}

impl Kept {
    /// The choice, if it was made for these columns.
    fn choice(&self, columns: &[ColumnInfo]) -> Option<ChartChoice> {
        let kind = CHARTS.iter().find(|kind| kind.name == self.kind)?.name;
        let Self { x, color, stacked, .. } = *self;
        (self.columns == columns).then(|| ChartChoice { kind, x, y: self.y.clone(), color, stacked })
    }
}

/// What is asked of the engine for a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The query.
    pub query: CommandId,
    /// The result's number, so that each newer one is asked for.
    number: u32,
    /// Most points of a series.
    max_points: u32,
    /// What is drawn.
    pub choice: ChartChoice,
}

/// A question and what came of it.
pub type Answered = Option<(Question, Result<SeriesPage, ErrorInfo>)>;

/// State of the chart. `Copy`.
#[derive(Clone, Copy)]
pub struct ChartState {
    /// Columns of the result.
    pub columns: Memo<Vec<ColumnInfo>>,
    /// What is drawn, or why nothing is; `None` without a result.
    pub choice: Memo<Option<Result<ChartChoice, NoChart>>>,
    /// The newest series.
    pub answered: ReadSignal<Answered>,
    query_id: Memo<Option<CommandId>>,
    /// The person's choice as it is kept with the query.
    kept: RwSignal<Value>,
}

impl ChartState {
    /// Follows the page's query.
    pub fn new() -> Self {
        let query: QueryState = expect_context();
        let client: EngineClient = expect_context();
        let query_id = Memo::new(move |_| query.id.get());
        let kept = query.chart;
        let chosen = Memo::new(move |_| kept.with(|kept| Kept::deserialize(kept).ok()));
        let columns = Memo::new(move |_| {
            query.result.with(|result| result.as_ref().map(|r| r.columns.clone()).unwrap_or_default())
        });
        // Charts differ between no row, one and more only, so that growing results change nothing.
        let rows =
            Memo::new(move |_| query.result.with(|result| result.as_ref().map(|r| r.row_count.min(2))));
        let choice = Memo::new(move |_| {
            let rows = rows.get()?;
            let by_default = columns.with(|columns| default_choice(columns, rows));
            Some(by_default.map(|by_default| {
                columns.with(|columns| {
                    let chosen = chosen.with(|chosen| chosen.as_ref()?.choice(columns));
                    chosen.unwrap_or(by_default)
                })
            }))
        });
        // How many series there are shows in the first answer; few of them may be finer than many.
        let series = RwSignal::new(MAX_SERIES);
        let question = Memo::new(move |_| {
            let id = query_id.get()?;
            let number = query.result.with(|result| result.as_ref().map(|r| r.number))?;
            let choice = choice.get()?.ok()?;
            let max_points = (MAX_POINTS / series.get().max(1)).min(MAX_POINTS_OF_SERIES);
            Some(Question { query: id, number, max_points, choice })
        });
        let answered = latest(question, move |asked: Question| async move {
            let page = client.series(asked.query, asked.choice.request(asked.max_points)).await;
            // Reading the series and drawing them are a task each.
            browser::sleep(0).await;
            page
        });
        Effect::new(move || {
            let seen = answered.with(|answered| match answered {
                Some((_, Ok(page))) => u32::try_from(page.groups.len()).ok(),
                _ => None,
            });
            if let Some(seen) = seen
                && seen != series.get_untracked()
            {
                series.set(seen);
            }
        });
        Self { columns, choice, answered, query_id, kept }
    }

    /// Why the newest series of this query cannot be had. Of an earlier one nobody wants to know.
    pub fn failure(self) -> Option<String> {
        let id = self.query_id.get();
        self.answered.with(|answered| match answered {
            Some((question, Err(error))) if Some(question.query) == id => Some(error.message.clone()),
            _ => None,
        })
    }

    /// Takes a person's choice; it is kept for results with the same columns.
    pub fn choose(self, choice: ChartChoice) {
        let ChartChoice { kind, x, y, color, stacked } = choice;
        let columns = self.columns.get_untracked();
        let kept = Kept { columns, kind: kind.to_owned(), x, y, color, stacked };
        // Plain data can always be written down.
        self.kept.set(serde_json::to_value(kept).unwrap_or_default());
    }
}
