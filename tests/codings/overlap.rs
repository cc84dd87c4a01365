//! While one thread unpacks, others decode what was unpacked before.

use std::sync::Arc;
use std::time::Instant;

use futures::executor::block_on;
use millrace_engine::Clock;
use millrace_protocol::{Span, SpanKind};

use crate::pack::{PACKERS, bgzf, zstd_frames};
use crate::{add, csv, engine_of};

#[derive(Debug)]
struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now_micros(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

fn together_micros(a: &Span, b: &Span) -> u64 {
    a.end_micros.min(b.end_micros).saturating_sub(a.start_micros.max(b.start_micros))
}

#[test]
fn unpacking_and_decoding_overlap() {
    let text = csv(20_000);
    let clock = Arc::new(SystemClock(Instant::now()));
    let engine = engine_of(2, 20_000, 0, Some(clock));
    add(&engine, "t.csv.gz", &(PACKERS[0].pack)(text.as_bytes())).expect("a table");
    let job = engine.query("SELECT sum(id), max(name), max(note) FROM t");
    let recording = job.handle().recording().expect("a clock makes recordings");
    block_on(job.run(|_| ())).expect("rows");
    let spans = recording.timeline(1 << 20).spans;
    let of = |kind| spans.iter().filter(move |span| span.kind == kind);
    for span in of(SpanKind::Unpack) {
        // Streams go from one task to the next, so never do two of them.
        let beside = of(SpanKind::Unpack).filter(|other| other.thread != span.thread);
        assert_eq!(beside.map(|other| together_micros(span, other)).sum::<u64>(), 0);
    }
    let overlap: u64 = of(SpanKind::Unpack)
        .flat_map(|unpack| of(SpanKind::Decode).map(move |decode| together_micros(unpack, decode)))
        .sum();
    let unpacked: u64 = of(SpanKind::Unpack).map(|span| span.end_micros - span.start_micros).sum();
    println!("{unpacked} µs of unpacking, {overlap} µs of them beside decoding");
    assert!(overlap > 0, "{} spans", spans.len());
}

#[test]
fn parts_that_tell_their_length_are_unpacked_side_by_side_at_once() {
    let text = csv(40_000);
    for (file, bytes) in
        [("t.csv.gz", bgzf(text.as_bytes())), ("t.csv.zst", zstd_frames(text.as_bytes(), 30_000))]
    {
        let clock = Arc::new(SystemClock(Instant::now()));
        let engine = engine_of(2, 100_000, 0, Some(clock));
        add(&engine, file, &bytes).expect("a table");
        let job = engine.query("SELECT sum(id), max(name), max(note) FROM t");
        let recording = job.handle().recording().expect("a clock makes recordings");
        block_on(job.run(|_| ())).expect("rows");
        let spans = recording.timeline(1 << 20).spans;
        let unpacked: Vec<&Span> = spans.iter().filter(|span| span.kind == SpanKind::Unpack).collect();
        let beside = |span: &&Span| {
            let others = unpacked.iter().filter(|other| other.thread > span.thread);
            others.map(|other| together_micros(span, other)).sum::<u64>()
        };
        let together: u64 = unpacked.iter().map(beside).sum();
        println!("{file}: {together} µs of unpacking on two threads");
        assert!(together > 0, "{file}: {} spans", unpacked.len());
    }
}
