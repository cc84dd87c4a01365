//! What the chart shows now: the default or the person's choice, and the newest series for it.

use leptos::prelude::*;
use millrace_protocol::{ColumnInfo, CommandId, ErrorInfo, SeriesPage};

use super::latest::latest;
use crate::{
    charts::{ChartChoice, NoChart, default_choice},
    engine_client::EngineClient,
    state::QueryState,
};

/// Points of a series. Twelve of them are drawn in a fraction of a frame budget of 50 ms.
const MAX_POINTS: u32 = 600;

/// What is asked of the engine for a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The query.
    pub query: CommandId,
    /// The result's number, so that each newer one is asked for.
    number: u32,
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
    chosen: RwSignal<Option<(Vec<ColumnInfo>, ChartChoice)>>,
}

impl ChartState {
    /// Follows the page's query.
    pub fn new() -> Self {
        let query: QueryState = expect_context();
        let client: EngineClient = expect_context();
        let chosen = RwSignal::new(None::<(Vec<ColumnInfo>, ChartChoice)>);
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
                    chosen.with(|chosen| match chosen {
                        Some((for_columns, choice)) if for_columns == columns => choice.clone(),
                        _ => by_default,
                    })
                })
            }))
        });
        let question = Memo::new(move |_| {
            let query_id = query.id.get()?;
            let number = query.result.with(|result| result.as_ref().map(|r| r.number))?;
            let choice = choice.get()?.ok()?;
            Some(Question { query: query_id, number, choice })
        });
        let answered = latest(question, move |asked: Question| async move {
            client.series(asked.query, asked.choice.request(MAX_POINTS)).await
        });
        Self { columns, choice, answered, chosen }
    }

    /// Takes a person's choice; it is kept for results with the same columns.
    pub fn choose(self, choice: ChartChoice) {
        self.chosen.set(Some((self.columns.get_untracked(), choice)));
    }
}
