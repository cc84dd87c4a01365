//! What is recorded of a job: which thread did what, for which task, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::executor::block_on;
use millrace_engine::{Clock, Engine, Error};
use millrace_protocol::{Cell, Span, SpanKind, Timeline};

use super::{BUDGET_BYTES, add, engine, engine_of, first_row, keyed};

const ALL: usize = 1 << 20;
const GROUPS: &str =
    "SELECT key, count(*) AS n, sum(value) AS s FROM t GROUP BY key HAVING count(*) > 1 ORDER BY key";

/// Each look at this clock takes a few microseconds, and nothing else does.
#[derive(Debug, Default)]
struct Steps(AtomicU64);

impl Clock for Steps {
    fn now_micros(&self) -> u64 {
        1_000_000 + self.0.fetch_add(7, Ordering::Relaxed)
    }
}

fn clocked(split_bytes: u64) -> Engine {
    engine_of(split_bytes, BUDGET_BYTES, Some(Arc::new(Steps::default())))
}

/// The timeline of a query, which asks for snapshots all the while.
fn timeline_of(engine: &Engine, sql: &str) -> Timeline {
    let job = engine.query(sql);
    let handle = job.handle();
    handle.request_snapshot();
    block_on(job.run(|_| handle.request_snapshot())).unwrap_or_else(|error| panic!("{sql}: {error}"));
    handle.recording().expect("there is a clock").timeline(ALL)
}

fn check_spans(timeline: &Timeline) {
    for (index, span) in timeline.spans.iter().enumerate() {
        assert!(span.thread < timeline.threads, "{span:?}");
        assert!(span.start_micros <= span.end_micros, "{span:?}");
        assert!(timeline.planning_micros <= span.start_micros, "{span:?}");
        assert!(span.end_micros <= timeline.elapsed_micros, "{span:?} of {}", timeline.elapsed_micros);
        assert!(span.stage.is_none_or(|stage| (stage as usize) < timeline.stages.len()), "{span:?}");
        if let Some(next) = timeline.spans.get(index + 1).filter(|next| next.thread == span.thread) {
            assert!(span.end_micros <= next.start_micros, "{span:?} and {next:?} overlap");
        }
    }
    for read in &timeline.reads {
        assert!(
            read.start_micros < read.end_micros && read.end_micros <= timeline.elapsed_micros,
            "{read:?}"
        );
    }
    for (index, stage) in (0..).zip(&timeline.stages) {
        let busy: u64 = exact_work(timeline, index).map(|span| span.end_micros - span.start_micros).sum();
        assert_eq!(stage.busy_micros, busy, "{}", stage.name);
    }
    assert!((0.0..=1.0).contains(&timeline.idle_fraction), "{}", timeline.idle_fraction);
}

/// The work of a stage for the exact result.
fn exact_work(timeline: &Timeline, stage: u32) -> impl Iterator<Item = &Span> {
    let apart = [SpanKind::Snapshot, SpanKind::Verify];
    timeline.spans.iter().filter(move |span| span.stage == Some(stage) && !apart.contains(&span.kind))
}

#[test]
fn each_task_of_each_stage_is_in_the_timeline() {
    let engine = clocked(1 << 10);
    add(&engine, &keyed(5_000));
    let timeline = timeline_of(&engine, GROUPS);
    check_spans(&timeline);
    assert!(!timeline.running);
    assert_eq!((timeline.threads, timeline.grain_micros, timeline.reads_stride), (2, 0, 1));
    let names: Vec<&str> = timeline.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["scan t, partial aggregate", "final aggregate, filter, sort", "merge sorted"]);
    for (index, stage) in (0..).zip(&timeline.stages) {
        assert_eq!((stage.attempt, stage.tasks_done), (1, stage.tasks), "{}", stage.name);
        for task in 0..stage.tasks {
            let is_there = exact_work(&timeline, index).any(|span| span.task == Some(task));
            assert!(is_there, "task {task} of stage {index}");
        }
        assert!(!stage.operators.is_empty() && stage.rows > 0, "{}", stage.name);
        let (first, last) =
            (stage.first_start_micros.expect("a start"), stage.last_end_micros.expect("an end"));
        assert!(first < last && last <= timeline.elapsed_micros, "{}", stage.name);
    }
    let scan = &timeline.stages[0];
    assert!(scan.tasks > 30 && scan.operators[0].starts_with("AggregateExec"), "{scan:?}");
    assert_eq!(timeline.stages[2].rows, 2_500);
    // Each split is read and decoded once, for the task of its number.
    let mut tasks: Vec<_> = timeline.reads.iter().map(|read| (read.stage, read.task)).collect();
    tasks.sort_unstable();
    assert_eq!(tasks, (0..scan.tasks).map(|task| (Some(0), Some(task))).collect::<Vec<_>>());
    assert_eq!(timeline.reads.iter().map(|read| read.bytes).sum::<u64>(), scan.bytes_read);
    let decoding = timeline.spans.iter().filter(|span| span.kind == SpanKind::Decode);
    assert_eq!(decoding.count(), scan.tasks as usize);
    let kinds: Vec<_> = timeline.kinds.iter().map(|time| time.kind).collect();
    assert!(kinds.contains(&SpanKind::Snapshot) && kinds.contains(&SpanKind::Verify), "{kinds:?}");
}

#[test]
fn stages_are_named_by_what_they_do() {
    let engine = clocked(16 << 10);
    add(&engine, &keyed(5_000));
    for (sql, expected) in [
        ("SELECT key, value FROM t ORDER BY value DESC LIMIT 3", "scan t, top rows; merge sorted"),
        ("SELECT count(*) FROM t AS a JOIN t AS b ON a.value = b.value", "hash join, partial aggregate"),
        ("SELECT value, sum(value) OVER (PARTITION BY key) FROM t", "sort, window"),
        ("SELECT value FROM t UNION ALL SELECT value + 1 FROM t", "scan t, union"),
        ("VALUES (1), (2)", "values"),
    ] {
        let names: Vec<_> = timeline_of(&engine, sql).stages.into_iter().map(|stage| stage.name).collect();
        let names = names.join("; ");
        assert!(names.contains(expected) && !names.contains("Exec"), "{sql}: {names}");
    }
}

#[test]
fn columns_from_memory_are_neither_read_nor_decoded() {
    let engine = clocked(1 << 10);
    add(&engine, &keyed(5_000));
    timeline_of(&engine, GROUPS);
    let again = timeline_of(&engine, GROUPS);
    check_spans(&again);
    assert_eq!((again.reads.len(), again.stages[0].bytes_read), (0, 0));
    assert!(again.kinds.iter().all(|time| time.kind != SpanKind::Decode));
}

#[test]
fn a_timeline_stays_bounded_and_keeps_its_sums() {
    let engine = clocked(16);
    let rows = 12_000;
    add(&engine, &keyed(rows));
    let job = engine.query("SELECT count(*) AS n, min(value) FROM t");
    let recording = job.handle().recording().expect("there is a clock");
    let finished = block_on(job.run(|_| ())).expect("a result");
    assert_eq!(first_row(&finished), [Cell::Int(i64::from(rows)), Cell::Int(0)]);
    let whole = recording.timeline(ALL);
    check_spans(&whole);
    assert!(whole.stages[0].tasks > 7_000 && whole.grain_micros > 0, "{} tasks", whole.stages[0].tasks);
    assert!(whole.spans.len() <= 20_002 && whole.spans.len() > 2_000, "{} spans", whole.spans.len());
    assert!(whole.spans.iter().map(|span| u64::from(span.pieces)).sum::<u64>() > 20_000);
    let few = recording.timeline(500);
    check_spans(&few);
    assert!(few.spans.len() <= 500 && few.reads.len() <= 500, "{} and {}", few.spans.len(), few.reads.len());
    assert!(few.grain_micros > whole.grain_micros && few.reads_stride > 1);
    assert_eq!((&few.kinds, &few.stages), (&whole.kinds, &whole.stages));
}

#[test]
fn a_second_attempt_has_stages_of_its_own() {
    let inside = "5,looks like a record\n".repeat(400);
    let engine = clocked(300);
    add(&engine, &format!("id,note\n1,a\n2,\"{inside}\"\n3,b\n4,c\n"));
    let timeline = timeline_of(&engine, "SELECT count(*), sum(id), max(length(note)) FROM t");
    check_spans(&timeline);
    let attempts: Vec<_> = timeline.stages.iter().map(|stage| stage.attempt).collect();
    assert_eq!(attempts, [1, 1, 2, 2]);
    assert_eq!(timeline.stages[0].name, timeline.stages[2].name);
    assert!(timeline.stages.iter().all(|stage| stage.tasks_done == stage.tasks && stage.busy_micros > 0));
}

#[test]
fn a_running_job_tells_its_timeline_and_a_cancelled_one_keeps_it() {
    let engine = clocked(256);
    add(&engine, &keyed(50_000));
    let job = engine.query(GROUPS);
    let handle = job.handle();
    let recording = handle.recording().expect("there is a clock");
    handle.request_snapshot();
    let mut seen = None;
    let outcome = block_on(job.run(|_| {
        seen = Some(recording.timeline(ALL));
        handle.cancel();
    }));
    assert!(matches!(outcome, Err(Error::Cancelled)));
    let seen = seen.expect("a snapshot");
    check_spans(&seen);
    assert!(seen.running && !seen.spans.is_empty() && seen.stages[0].tasks_done > 0);
    let left = recording.timeline(ALL);
    check_spans(&left);
    assert!(!left.running && left.elapsed_micros > seen.elapsed_micros);
    assert!(left.stages[0].tasks_done < left.stages[0].tasks);
}

#[test]
fn without_a_clock_nothing_is_recorded() {
    let engine = engine(256);
    add(&engine, &keyed(100));
    let job = engine.query("SELECT count(*) FROM t");
    let handle = job.handle();
    block_on(job.run(|_| ())).expect("a result");
    assert!(handle.recording().is_none());
}
