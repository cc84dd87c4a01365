//! Where the time of a query went, stage by stage.

use std::time::Instant;

use millrace_engine::Clock;
use millrace_protocol::Timeline;

/// The system's clock, from when it was made.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock that shows 0 now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now_micros(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The stages as a table, and the threads' time in a line.
pub fn stage_table(timeline: &Timeline) -> String {
    let busy_micros: u64 = timeline.kinds.iter().map(|kind| kind.busy_micros).sum();
    let mut table = format!(
        "{:>5} {:>11} {:>12} {:>10} {:>9} {:>5} {:>9} {:>9}  {}\n",
        "stage", "tasks", "rows", "MB read", "busy ms", "share", "from ms", "to ms", "what"
    );
    for (index, stage) in timeline.stages.iter().enumerate() {
        table += &format!(
            "{index:>5} {:>11} {:>12} {:>10.1} {:>9.1} {:>4.0}% {:>9.1} {:>9.1}  {}\n",
            format!("{}/{}", stage.tasks_done, stage.tasks),
            stage.rows,
            stage.bytes_read as f64 / 1e6,
            millis(stage.busy_micros),
            100.0 * stage.busy_micros as f64 / busy_micros.max(1) as f64,
            millis(stage.first_start_micros.unwrap_or_default()),
            millis(stage.last_end_micros.unwrap_or_default()),
            stage.name,
        );
    }
    let kinds = timeline.kinds.iter().map(|kind| {
        let name = format!("{:?}", kind.kind).to_lowercase();
        format!("{name} {:.1} ms, ", millis(kind.busy_micros))
    });
    table += &format!(
        "{} threads for {:.1} ms after {:.1} ms of planning: {}idle {:.0} %\n",
        timeline.threads,
        millis(timeline.elapsed_micros - timeline.planning_micros),
        millis(timeline.planning_micros),
        kinds.collect::<String>(),
        100.0 * timeline.idle_fraction,
    );
    table
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
