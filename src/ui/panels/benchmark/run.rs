//! The steps of the benchmark. Dropping the future of [`run`] ends it at any step and leaves nothing behind.

use futures::{StreamExt, channel::mpsc};
use millrace_protocol::{CommandId, ErrorInfo, ErrorKind, QueryStats};
use wasm_bindgen_futures::spawn_local;

use super::report::Measurement;
use crate::{
    browser,
    engine_client::{EngineClient, QueryEvent},
    panels::builder::literal::identifier,
    sample,
};

/// Events unless the address says otherwise: about 200 MB of CSV.
const ROWS: u32 = 2_600_000;

/// Name of the table while it is there.
const TABLE: &str = "millrace_benchmark";

/// A query that is measured. They are `group` and `tumble` of `tests/bench`, so that numbers can be compared.
#[derive(Debug)]
pub struct Query {
    /// Name for people.
    pub label: &'static str,
    /// Its text, with `events` as the table.
    sql: &'static str,
}

/// All of them, in their order.
pub const QUERIES: &[Query] = &[
    Query {
        label: n!("by category"),
        sql: "SELECT category, count(*), avg(price), max(price) FROM events GROUP BY category ORDER BY category",
    },
    Query {
        label: n!("per minute and region"),
        sql: "SELECT date_trunc('minute', ts) AS minute, region, count(*), avg(price), max(price) FROM events \
              GROUP BY minute, region ORDER BY minute, region",
    },
];

/// What is being done, with the share of it that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The data are being made.
    Making(f64),
    /// A query runs: its number, whether it runs again, and the share of the input that was read.
    Running(usize, bool, f64),
}

/// Number of events; `?benchmark_rows=` of the address changes it, for tests.
pub fn rows() -> u32 {
    let given = browser::address_parameter("benchmark_rows").and_then(|rows| rows.parse().ok());
    given.filter(|rows| *rows > 0).unwrap_or(ROWS)
}

/// Makes the data and measures each query twice: over the file, and over the columns that the first run kept
/// in memory. `on_data` hears the length of the file in bytes.
///
/// # Errors
/// When the data cannot be made, or a query fails.
pub async fn run(
    client: EngineClient,
    on_step: impl Fn(Step) + Copy + 'static,
    on_data: impl Fn(u64),
    on_measured: impl Fn(Measurement),
) -> Result<(), ErrorInfo> {
    on_step(Step::Making(0.0));
    let file = sample::make(rows(), move |share| on_step(Step::Making(share))).await?;
    for (number, query) in QUERIES.iter().enumerate() {
        // A table of its own for each query, because columns that an earlier one kept would help it.
        let table = client.add_unlisted(file.clone(), TABLE).await?;
        let table = Table { client, name: table.name, bytes: table.bytes };
        on_data(table.bytes);
        let sql = query.sql.replace("events", &identifier(&table.name));
        for again in [false, true] {
            let on_share = move |share| on_step(Step::Running(number, again, share));
            on_share(0.0);
            on_measured(Measurement { query, again, ..measure(client, sql.clone(), on_share).await? });
        }
    }
    Ok(())
}

/// Runs a query to its exact result.
async fn measure(
    client: EngineClient,
    sql: String,
    on_share: impl Fn(f64),
) -> Result<Measurement, ErrorInfo> {
    let start_millis = browser::now_millis();
    let (sender, mut events) = mpsc::unbounded();
    let id = client.query(sql, true, move |id, event| {
        let is_last = matches!(event, QueryEvent::Done { .. } | QueryEvent::Failed(_));
        let heard = sender.unbounded_send((browser::now_millis() - start_millis, event)).is_ok();
        if is_last && !heard {
            client.forget(id);
        }
    });
    let mut running = Running { client, id, ended: false };
    let mut first_millis = None;
    while let Some((millis, event)) = events.next().await {
        match event {
            #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
            QueryEvent::Progress(progress) => {
                on_share(progress.bytes_done as f64 / progress.bytes_total.max(1) as f64);
            }
            QueryEvent::Stream(_) | QueryEvent::StreamEnded { .. } => {}
            QueryEvent::Snapshot(_) => first_millis = first_millis.or(Some(millis)),
            QueryEvent::Done { stats, .. } => {
                running.ended = true;
                let QueryStats { rows_read, bytes_read, threads, .. } = stats;
                return Ok(Measurement {
                    query: &QUERIES[0],
                    again: false,
                    millis,
                    first_millis,
                    rows_read,
                    bytes_read,
                    threads,
                });
            }
            QueryEvent::Failed(error) => {
                running.ended = true;
                return Err(error);
            }
        }
    }
    Err(ErrorInfo::new(ErrorKind::Internal, "The query ended without an answer."))
}

/// A query that is cancelled when nobody waits for it any more, and forgotten when it has ended.
struct Running {
    client: EngineClient,
    id: CommandId,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            self.client.forget(self.id);
        } else {
            self.client.cancel(self.id);
        }
    }
}

/// A table that is removed with whoever uses it.
struct Table {
    client: EngineClient,
    name: String,
    bytes: u64,
}

impl Drop for Table {
    fn drop(&mut self) {
        let (client, name) = (self.client, std::mem::take(&mut self.name));
        spawn_local(async move {
            // Fails only with the engine, and then the table is gone as well.
            let _ = client.remove_table(name).await;
        });
    }
}
