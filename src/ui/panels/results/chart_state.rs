//! What the chart shows now: the default or the person's choice, and the newest series for it.

use leptos::prelude::*;
use millrace_protocol::{ColumnInfo, CommandId, ErrorInfo, ErrorKind};
use serde::Deserialize;
use serde_json::Value;

use super::{
    chart_side::{self, Answer, SideRun},
    latest::latest,
};
use crate::{
    charts::{ChartChoice, ChartSettings, Figure, NoChart, Source, default_choice},
    engine_client::EngineClient,
    state::{QueryState, StreamState},
};

/// Points of all series together: what is drawn well within 50 ms.
const MAX_POINTS: u32 = 7200;

/// Most points of one series; a screen is hardly wider.
const MAX_POINTS_OF_SERIES: u32 = 2400;

/// Series that are reckoned with before it is known how many there are.
const USUAL_SERIES: u32 = 12;

/// What is asked of the engine for a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The query.
    pub query: CommandId,
    /// The result's number, so that each newer one is asked for.
    pub number: u32,
    /// Rows of the result.
    pub rows: u64,
    /// The text whose result it is, if that can be run again: neither a stream nor a result that is partial.
    pub sql: Option<String>,
    /// Most points of a series.
    pub max_points: u32,
    /// What is drawn.
    pub choice: ChartChoice,
    /// Columns of the result.
    pub columns: Vec<ColumnInfo>,
}

/// A question and what came of it.
pub type Answered = Option<(Question, Result<Answer, ErrorInfo>)>;

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
        let stream: StreamState = expect_context();
        let client: EngineClient = expect_context();
        let query_id = Memo::new(move |_| query.id.get());
        let kept = query.chart;
        let chosen = Memo::new(move |_| kept.with(|kept| ChartSettings::deserialize(kept).ok()));
        let columns = Memo::new(move |_| {
            query.result.with(|result| result.as_ref().map(|r| r.columns.clone()).unwrap_or_default())
        });
        // Charts differ between no row, one and more only, so that growing results change nothing.
        let rows =
            Memo::new(move |_| query.result.with(|result| result.as_ref().map(|r| r.row_count.min(2))));
        let choice = Memo::new(move |_| {
            let rows = rows.get()?;
            Some(columns.with(|columns| {
                let chosen = chosen.with(|chosen| chosen.as_ref()?.choice(columns));
                match (default_choice(columns, rows), chosen) {
                    (Err(why @ (NoChart::Empty | NoChart::SingleRow)), _) => Err(why),
                    (_, Some(chosen)) => Ok(chosen),
                    (by_default, None) => by_default,
                }
            }))
        });
        // How many series there are shows in the first answer; few of them may be finer than many.
        let series = RwSignal::new(USUAL_SERIES);
        let question = Memo::new(move |_| {
            let id = query_id.get()?;
            let (number, rows, is_exact) =
                query.result.with(|r| r.as_ref().map(|r| (r.number, r.row_count, r.fraction >= 1.0)))?;
            let choice = choice.get()?.ok()?;
            let max_points = (MAX_POINTS / series.get().max(1)).min(MAX_POINTS_OF_SERIES);
            let is_stream = stream.id.with(|stream| *stream == Some(id));
            let sql = (is_exact && !is_stream).then(|| query.result_sql.get());
            Some(Question { query: id, number, rows, sql, max_points, choice, columns: columns.get() })
        });
        let side = SideRun::new(client);
        Effect::new(move || {
            // A query for what nobody wants to see any more gives way to the next.
            question.track();
            side.cancel();
        });
        let answered =
            latest(
                question,
                move |asked: Question| async move { chart_side::answer(client, side, asked).await },
            );
        Effect::new(move || {
            let seen = answered.with(|answered| match answered {
                Some((_, Ok(answer))) => u32::try_from(answer.page.groups.len()).ok(),
                _ => None,
            });
            if let Some(seen) = seen.map(|seen| seen.min(USUAL_SERIES))
                && seen != series.get_untracked()
            {
                series.set(seen);
            }
        });
        on_cleanup(move || side.cancel());
        Self { columns, choice, answered, query_id, kept }
    }

    /// Why the newest series of this query cannot be had. Of an earlier one nobody wants to know.
    pub fn failure(self) -> Option<String> {
        let id = self.query_id.get();
        self.answered.with(|answered| match answered {
            Some((question, Err(error)))
                if Some(question.query) == id && error.kind != ErrorKind::Cancelled =>
            {
                Some(error.message.clone())
            }
            _ => None,
        })
    }

    /// Takes a person's choice; it is kept for results with the same columns.
    pub fn choose(self, choice: ChartChoice) {
        let settings = self.columns.with_untracked(|columns| ChartSettings::of(&choice, columns));
        // Plain data can always be written down.
        self.kept.set(serde_json::to_value(settings).unwrap_or_default());
    }

    /// Whether a person chose something.
    pub fn is_chosen(self) -> bool {
        self.kept.with(|kept| !kept.is_null())
    }

    /// Goes back to what is drawn by default.
    pub fn reset(self) {
        self.kept.set(Value::Null);
    }

    /// Does something with the newest figure, if there is one.
    pub fn with_figure<T>(self, take: impl FnOnce(&Source<'_>, &Figure) -> T) -> Option<T> {
        self.answered.with(|answered| of_figure(answered, take))
    }

    /// Like [`Self::with_figure`], without following it.
    pub fn with_figure_untracked<T>(self, take: impl FnOnce(&Source<'_>, &Figure) -> T) -> Option<T> {
        self.answered.with_untracked(|answered| of_figure(answered, take))
    }
}

fn of_figure<T>(answered: &Answered, take: impl FnOnce(&Source<'_>, &Figure) -> T) -> Option<T> {
    let (question, Ok(answer)) = answered.as_ref()? else { return None };
    let source = Source {
        choice: &question.choice,
        columns: &question.columns,
        page: &answer.page,
        summed: answer.summed,
    };
    Some(take(&source, &answer.figure))
}
