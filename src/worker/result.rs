//! Results as the page asks for them: rows, series, files.

use std::rc::Rc;

use millrace_engine::output::SortedOrder;
use millrace_protocol::{
    CommandId, ErrorInfo, ErrorKind, Event, ExportFormat, RowOrder, RowPage, SeriesPage, SeriesRequest,
};

use crate::dispatch::Worker;
use crate::event::post_bytes;
use crate::query::Kept;

/// The most cells in one answer: making them takes the event loop a few tens of milliseconds.
const CELLS_PER_PAGE: usize = 100_000;

impl Worker {
    /// Answers [`millrace_protocol::Command::Rows`], with fewer rows than were asked for when they
    /// would be too many cells for one message.
    pub(crate) async fn rows(
        &self,
        id: CommandId,
        query: CommandId,
        order: Option<RowOrder>,
        offset: u64,
        count: u32,
    ) -> Result<Event, ErrorInfo> {
        let kept = self.queries.newest(query)?;
        let order = self.sorted(&kept, order).await?;
        let most = (CELLS_PER_PAGE / kept.info.columns.len().max(1)).max(1);
        let rows = kept.rows.rows(order.as_ref(), offset, most.min(count as usize));
        let estimates = kept.rows.estimates(order.as_ref(), offset, rows.len());
        Ok(Event::Rows { id, page: RowPage { result: kept.info.clone(), offset, rows, estimates } })
    }

    /// Answers [`millrace_protocol::Command::Series`].
    pub(crate) async fn series(
        &self,
        id: CommandId,
        query: CommandId,
        request: SeriesRequest,
    ) -> Result<Event, ErrorInfo> {
        let kept = self.queries.newest(query)?;
        let rows = kept.rows.clone();
        let series = self.engine.on_pool(move || rows.series(&request)).await;
        let series = series.map_err(|error| error.info())?.map_err(refused)?;
        let page = SeriesPage {
            result: kept.info.clone(),
            x_is_time: series.x_is_time,
            x_labels: series.x_labels,
            groups: series.groups,
            rows_left_out: series.rows_left_out,
        };
        Ok(Event::Series { id, page })
    }

    /// Answers [`millrace_protocol::Command::Export`]: posts all pieces but the end.
    pub(crate) async fn export(
        &self,
        id: CommandId,
        query: CommandId,
        format: ExportFormat,
        order: Option<RowOrder>,
    ) -> Result<Event, ErrorInfo> {
        self.queries.begin_export(id);
        let exported = self.post_file(id, query, format, order).await;
        self.queries.end_export(id);
        exported.map(|()| Event::Exported { id, last: true })
    }

    async fn post_file(
        &self,
        id: CommandId,
        query: CommandId,
        format: ExportFormat,
        order: Option<RowOrder>,
    ) -> Result<(), ErrorInfo> {
        let kept = self.queries.newest(query)?;
        let order = self.sorted(&kept, order).await?;
        let mut pieces = kept.rows.file(format, order).map_err(|error| error.info())?;
        drop(kept);
        loop {
            if !self.queries.exports(id) {
                return Err(ErrorInfo::new(ErrorKind::Cancelled, "Cancelled."));
            }
            let next = move || {
                let piece = pieces.next();
                (pieces, piece)
            };
            let (rest, piece) = self.engine.on_pool(next).await.map_err(|error| error.info())?;
            pieces = rest;
            match piece {
                Some(piece) => {
                    post_bytes(Event::Exported { id, last: false }, &piece.map_err(|error| error.info())?);
                }
                None => return Ok(()),
            }
        }
    }

    /// The rows' order, sorted on the pool unless the result was last read in the same.
    async fn sorted(
        &self,
        kept: &Rc<Kept>,
        order: Option<RowOrder>,
    ) -> Result<Option<SortedOrder>, ErrorInfo> {
        let Some(order) = order else { return Ok(None) };
        let known = kept.order.borrow().clone().filter(|known| *known.order() == order);
        if known.is_some() {
            return Ok(known);
        }
        let rows = kept.rows.clone();
        let sorted = self.engine.on_pool(move || rows.sort(&order)).await;
        let sorted = sorted.map_err(|error| error.info())?.map_err(refused)?;
        *kept.order.borrow_mut() = Some(sorted.clone());
        Ok(Some(sorted))
    }
}

/// A result that cannot be read the way the page asked for.
fn refused(error: impl std::fmt::Display) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Unsupported, format!("The result cannot be shown like this: {error}."))
}
