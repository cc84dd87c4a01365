use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::executor::block_on;
use millrace_protocol::SpanKind;

use super::lane::{Lane, LaneSpan, coarsen};
use super::reads::{Read, Reads};
use super::{Clock, Recorder, Recording, TableNames, Work};
use crate::pool::{Executor, Pool, Priority};

fn span(work: Work, start_micros: u64, end_micros: u64) -> LaneSpan {
    LaneSpan { work, start_micros, end_micros, pieces: 1 }
}

fn decode(stage: usize, task: usize) -> Work {
    Work { kind: SpanKind::Decode, ..Work::task(stage, task) }
}

#[test]
fn spans_of_one_cell_are_put_together_without_losing_time() {
    let spans = [
        span(decode(0, 1), 5, 10),
        span(Work::task(0, 1), 12, 20),
        span(decode(0, 2), 30, 45),
        span(Work::task(0, 2), 90, 130),
        span(decode(0, 3), 140, 150),
    ];
    let merged = LaneSpan { pieces: 2, ..span(Work { task: None, ..decode(0, 0) }, 5, 25) };
    let operate = LaneSpan { pieces: 2, ..span(Work { task: None, ..Work::task(0, 0) }, 25, 73) };
    assert_eq!(coarsen(&spans, 100), [merged, operate, span(decode(0, 3), 140, 150)]);
    assert_eq!(coarsen(&spans, 0), spans);
}

#[test]
fn a_lane_stays_bounded_whatever_comes() {
    let mut lane = Lane::default();
    let mut busy_micros = 0;
    for task in 0..10_000u64 {
        let start = task * 40;
        lane.turn_to(Some(Work::task(0, task as usize)), start, 100);
        lane.turn_to(None, start + 10 + task % 7, 100);
        busy_micros += 10 + task % 7;
    }
    let spans = lane.spans(u64::MAX);
    assert!(spans.len() <= 100 && spans.len() > 20, "{} spans", spans.len());
    assert_eq!(spans.iter().map(|span| span.end_micros - span.start_micros).sum::<u64>(), busy_micros);
    assert_eq!(spans.iter().map(|span| span.pieces).sum::<u32>(), 10_000);
    assert!(spans.windows(2).all(|pair| pair[0].end_micros <= pair[1].start_micros));
}

#[test]
fn polls_of_one_task_in_a_row_are_one_span() {
    let mut lane = Lane::default();
    for start in [0, 12, 100] {
        lane.turn_to(Some(Work::task(0, 4)), start, 100);
        lane.turn_to(None, start + 10, 100);
    }
    assert_eq!(lane.spans(200), [span(Work::task(0, 4), 0, 22), span(Work::task(0, 4), 100, 110)]);
}

#[test]
fn work_that_is_not_done_is_told_up_to_now() {
    let mut lane = Lane::default();
    lane.turn_to(Some(Work::task(0, 0)), 10, 100);
    assert_eq!(lane.turn_to(Some(decode(0, 0)), 15, 100), Some(Work::task(0, 0)));
    assert_eq!(lane.spans(40), [span(Work::task(0, 0), 10, 15), span(decode(0, 0), 15, 40)]);
    // A thread whose clock hangs back does not go back in time.
    lane.turn_to(None, 12, 100);
    assert_eq!(lane.spans(40).last(), Some(&span(decode(0, 0), 15, 15)));
}

#[test]
fn reads_take_the_lowest_free_lane() {
    let mut reads = Reads::default();
    for (start_micros, end_micros) in [(0, 50), (5, 20), (22, 30), (25, 60), (70, 90)] {
        reads.push(Read { work: None, start_micros, end_micros, bytes: 1 });
    }
    let (told, stride) = reads.told(100, 0, 80);
    assert_eq!(told.iter().map(|read| read.lane).collect::<Vec<_>>(), [0, 1, 1, 2, 0]);
    assert_eq!((told[4].end_micros, stride), (80, 1));
    let (few, stride) = reads.told(2, 0, 80);
    assert_eq!(few.iter().map(|read| read.start_micros).collect::<Vec<_>>(), [0, 70]);
    assert_eq!(stride, 4);
}

#[test]
fn very_many_reads_are_thinned_out_evenly() {
    let mut reads = Reads::default();
    for at in 0..100_000 {
        reads.push(Read { work: None, start_micros: at, end_micros: at + 1, bytes: 1 });
    }
    let (told, stride) = reads.told(usize::MAX, 0, u64::MAX);
    assert!(told.len() > 10_000 && told.len() <= 20_000, "{} reads", told.len());
    assert!(told.windows(2).all(|pair| pair[1].start_micros - pair[0].start_micros == u64::from(stride)));
}

#[derive(Debug, Default)]
struct Steps(AtomicU64);

impl Clock for Steps {
    fn now_micros(&self) -> u64 {
        self.0.fetch_add(100, Ordering::Relaxed)
    }
}

#[test]
fn a_panic_ends_its_span_and_nothing_more() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let executor = Executor::new(Pool::Own(Arc::new(pool)));
    let recording = Recording::new(Arc::new(Steps::default()), 1);
    let recorder = Recorder::new(Some(&recording), &[], &TableNames::new());
    let inner = recorder.clone();
    let work = async move { inner.decoding(|| panic!("on purpose")) };
    let spawned = executor.spawn(Priority::Normal, recorder.record(Work::task(0, 0), work));
    assert!(block_on::<_>(async { spawned.await as Result<(), _> }).is_err());
    let fine = executor.spawn(Priority::Normal, recorder.record(Work::verify(), async { Ok(()) }));
    block_on(fine).expect("the thread goes on");
    recording.end();
    let kinds: Vec<_> = recording.timeline(100).spans.iter().map(|span| span.kind).collect();
    assert_eq!(kinds, [SpanKind::Operate, SpanKind::Decode, SpanKind::Operate, SpanKind::Verify]);
}
