//! A timeline in words and numbers.

use millrace_protocol::Timeline;

use super::lanes::{Bar, BarKind, Lane};
use crate::format;

/// A length of time in microseconds: `85 µs`, `3.2 ms`, `38 ms`, `1.9 s`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn micros_text(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => tf!("{a} ms", a = format!("{:.1}", micros as f64 / 1000.0)),
        _ => format::duration(micros as f64 / 1000.0),
    }
}

/// What a bar is: `thread 2: decode, stage 0, task 17, 8.4 ms from 120 ms`.
pub fn bar_text(lane: &Lane, bar: &Bar) -> String {
    let mut parts = Vec::new();
    if bar.kind != BarKind::Read {
        parts.push(crate::texts::text(bar.kind.label()).to_owned());
    }
    parts.extend(bar.stage.map(|stage| tf!("stage {stage}", stage = stage)));
    match bar.task {
        Some(task) => parts.push(tf!("task {task}", task = task)),
        None if bar.pieces > 1 => parts.push(tf!("{a} pieces of work", a = format::count(bar.pieces.into()))),
        None => {}
    }
    if bar.kind == BarKind::Read {
        parts.push(format::bytes(bar.bytes));
    }
    let took = micros_text(bar.end_micros - bar.start_micros);
    parts.push(tf!("{took} from {a}", took = took, a = micros_text(bar.start_micros)));
    let place = if lane.is_reads { "read" } else { "thread" };
    format!("{place} {}: {}", lane.number, parts.join(", "))
}

/// `2 threads, idle for 4 % of 1.9 s`.
pub fn summary(timeline: &Timeline) -> String {
    let noun = if timeline.threads == 1 { t!("thread") } else { t!("threads") };
    tf!(
        "{a} {noun}, idle for {b} of {c}",
        a = timeline.threads,
        noun = noun,
        b = format::percent(timeline.idle_fraction),
        c = micros_text(timeline.elapsed_micros - timeline.planning_micros.min(timeline.elapsed_micros))
    )
}

/// What one should know to read the drawing aright.
pub fn notes(timeline: &Timeline) -> String {
    let mut notes = tf!("Planning took {a}.", a = micros_text(timeline.planning_micros));
    if timeline.grain_micros > 0 {
        let grain = micros_text(timeline.grain_micros);
        notes += &tf!(" Work of one kind that began within {grain} is drawn together.", grain = grain);
    }
    if timeline.reads_stride > 1 {
        notes += &tf!(" One of {a} reads is drawn.", a = timeline.reads_stride);
    }
    notes
}

/// A line of the table of stages, or of the work that belongs to none.
#[derive(Clone, Debug, PartialEq)]
pub struct StageLine {
    /// Index of the stage; empty for other work.
    pub number: String,
    /// What it does.
    pub name: String,
    /// Its operators.
    pub operators: Vec<String>,
    /// Tasks that have ended, and all where some have not.
    pub tasks: String,
    /// Rows that it gave.
    pub rows: String,
    /// Bytes that it read.
    pub bytes: String,
    /// Time of all threads.
    pub busy: String,
    /// From its start to its end.
    pub when: String,
    /// Its share of all that was worked, 0 to 1.
    pub share: f64,
}

/// The stages in order, then work for partial results and for verification.
#[expect(clippy::cast_precision_loss, reason = "shares of a bar")]
pub fn stage_lines(timeline: &Timeline) -> Vec<StageLine> {
    let all_micros: u64 = timeline.kinds.iter().map(|time| time.busy_micros).sum();
    let share = |micros: u64| micros as f64 / all_micros.max(1) as f64;
    let stages = timeline.stages.iter().enumerate().map(|(index, stage)| StageLine {
        number: index.to_string(),
        name: match stage.attempt {
            0 | 1 => stage.name.clone(),
            attempt => tf!("{a} (attempt {attempt})", a = stage.name, attempt = attempt),
        },
        operators: stage.operators.clone(),
        tasks: match stage.tasks_done == stage.tasks {
            true => format::count(stage.tasks.into()),
            false => {
                tf!(
                    "{a} of {b}",
                    a = format::count(stage.tasks_done.into()),
                    b = format::count(stage.tasks.into())
                )
            }
        },
        rows: format::count(stage.rows),
        bytes: if stage.bytes_read == 0 { "–".to_owned() } else { format::bytes(stage.bytes_read) },
        busy: micros_text(stage.busy_micros),
        when: match (stage.first_start_micros, stage.last_end_micros) {
            (Some(start), Some(end)) => format!("{} – {}", micros_text(start), micros_text(end)),
            _ => "–".to_owned(),
        },
        share: share(stage.busy_micros),
    });
    let other = timeline.kinds.iter().filter_map(|time| {
        let kind = BarKind::Work(time.kind);
        let name = match kind.label() {
            "partial results" => t!("partial results while it ran"),
            "verify" => t!("verify the starts of splits"),
            _ => return None,
        };
        let none = || "–".to_owned();
        Some(StageLine {
            number: String::new(),
            name: name.to_owned(),
            operators: Vec::new(),
            tasks: none(),
            rows: none(),
            bytes: none(),
            busy: micros_text(time.busy_micros),
            when: none(),
            share: share(time.busy_micros),
        })
    });
    stages.chain(other).collect()
}
