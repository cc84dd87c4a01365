//! The series of a chart, from the result itself or, where that has more rows than the page takes and the chart needs
//! all of them, from a query over it.

use std::cell::RefCell;

use futures::channel::oneshot;
use leptos::prelude::*;
use millrace_protocol::{Cell, CommandId, ErrorInfo, ErrorKind, RowOrder, SeriesPage, SeriesRequest};

use super::chart_state::Question;
use crate::{
    browser,
    charts::{Bins, ColumnClass, Extent, Figure, Side, Source, time_millis},
    engine_client::{EngineClient, QueryEvent},
    format,
};

/// Rows that the page takes for charts that need all of them: points of this number are computed and drawn well
/// within 50 ms.
pub const ALL_ROWS: u32 = 10_000;

/// The engine's series and what is drawn of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The series.
    pub page: SeriesPage,
    /// Whether they were summed up by a query over the result.
    pub summed: Option<Extent>,
    /// What is drawn.
    pub figure: Figure,
}

/// The query over the result that runs now, if there is one. `Copy`.
#[derive(Clone, Copy)]
pub struct SideRun {
    client: EngineClient,
    id: StoredValue<Option<CommandId>>,
}

impl SideRun {
    /// Nothing runs.
    pub fn new(client: EngineClient) -> Self {
        Self { client, id: StoredValue::new(None) }
    }

    /// Ends the query, if there is one.
    pub fn cancel(self) {
        if let Some(Some(id)) = self.id.try_get_value() {
            self.client.cancel(id);
        }
    }

    /// Runs a statement to its end. Its result is kept until it is forgotten.
    async fn run(self, sql: String) -> Result<CommandId, ErrorInfo> {
        let (done, ended) = oneshot::channel();
        let done = RefCell::new(Some(done));
        let id = self.client.query(sql, false, move |_, event| {
            let outcome = match event {
                QueryEvent::Done { .. } => Ok(()),
                QueryEvent::Failed(error) => Err(error),
                _ => return,
            };
            if let Some(done) = done.borrow_mut().take() {
                // Nobody waits any more when the panel is gone.
                let _ = done.send(outcome);
            }
        });
        let _ = self.id.try_set_value(Some(id));
        let outcome = ended.await;
        let _ = self.id.try_set_value(None);
        match outcome {
            Ok(Ok(())) => Ok(id),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ErrorInfo::new(ErrorKind::Cancelled, "The engine was started anew.")),
        }
    }
}

/// What comes of a question.
///
/// # Errors
/// What the engine says; or that there are too many rows for the chart to be drawn of a result that is not exact.
pub async fn answer(client: EngineClient, side: SideRun, asked: Question) -> Result<Answer, ErrorInfo> {
    let (page, summed) = series(client, side, &asked).await?;
    // Reading the series, computing the figure and drawing it are a task each.
    browser::sleep(0).await;
    let source = Source { choice: &asked.choice, columns: &asked.columns, page: &page, summed };
    let figure = source.figure();
    browser::sleep(0).await;
    Ok(Answer { page, summed, figure })
}

async fn series(
    client: EngineClient,
    side: SideRun,
    asked: &Question,
) -> Result<(SeriesPage, Option<Extent>), ErrorInfo> {
    let choice = &asked.choice;
    let mut numbers = (0_u32..).zip(&asked.columns);
    let carrier = numbers.find(|(_, column)| ColumnClass::of(column) == ColumnClass::Number);
    let Some(query_of) = choice.kind().side else {
        let request = choice.request(asked.max_points, None);
        return Ok((client.series(asked.query, request).await?, None));
    };
    if asked.rows <= ALL_ROWS.into() {
        let request = choice.request(ALL_ROWS, carrier.map(|(index, _)| index));
        return Ok((client.series(asked.query, request).await?, None));
    }
    let Some(sql) = &asked.sql else {
        let label = choice.kind().label.to_lowercase();
        return Err(ErrorInfo::new(
            ErrorKind::Unsupported,
            tf!(
                "A {label} chart needs all {a} rows, more than can be drawn while they arrive. It is drawn when the query has finished.",
                label = label,
                a = format::count(asked.rows)
            ),
        ));
    };
    let extent = extent(client, asked).await?;
    let of = Side { choice, columns: &asked.columns, sql, rows: asked.rows, extent };
    let query = query_of(&of);
    let id = side.run(query.sql.clone()).await?;
    let page = client.series(id, query.request()).await;
    client.forget(id);
    let mut page = page?;
    // The rows are those of the result that is shown, all of which were counted.
    page.result.row_count = asked.rows;
    page.result.columns.clone_from(&asked.columns);
    Ok((page, Some(extent)))
}

/// The bins of a histogram, from the least to the greatest value.
async fn extent(client: EngineClient, asked: &Question) -> Result<Extent, ErrorInfo> {
    let choice = &asked.choice;
    if !choice.y.is_empty() || choice.color.is_some() && choice.look.y_part.is_some() {
        return Ok(Extent { bins: None });
    }
    let column = asked.columns.get(choice.x as usize);
    let class = column.map_or(ColumnClass::Text, ColumnClass::of);
    let ends = if class == ColumnClass::Number {
        // The column over itself, thinned out to its extremes; what is not finite is left out there.
        let request =
            SeriesRequest { x: choice.x, y: vec![choice.x], color: None, max_points: 2, max_series: 1 };
        let page = client.series(asked.query, request).await?;
        page.groups.iter().flat_map(|group| &group.x).fold(None, |ends: Option<(f64, f64)>, &x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        })
    } else {
        let end = async |descending: bool| -> Result<Option<f64>, ErrorInfo> {
            let order = RowOrder { column: choice.x, descending };
            let page = client.rows(asked.query, Some(order), 0, 1).await?;
            Ok(match page.rows.first().and_then(|row| row.get(choice.x as usize)) {
                Some(Cell::Text(text)) => time_millis(text),
                _ => None,
            })
        };
        end(false).await?.zip(end(true).await?)
    };
    let bins = ends.map(|(least, greatest)| {
        let whole = class.is_time() || column.is_some_and(|column| column.type_name.contains("INT"));
        Bins::over(least, greatest, choice.look.bins, class.is_time(), whole)
    });
    Ok(Extent { bins })
}
