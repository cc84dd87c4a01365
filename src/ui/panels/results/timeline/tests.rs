use millrace_protocol::{KindTime, ReadSpan, Span, SpanKind, StageTimeline, Timeline};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{
    cursor::Cursor,
    lanes::{BarKind, Run, lanes_of, runs, tick_micros},
    words::{bar_text, micros_text, notes, stage_lines, summary},
};

fn span(thread: u32, kind: SpanKind, start_micros: u64, end_micros: u64) -> Span {
    Span { thread, stage: Some(0), task: Some(7), kind, start_micros, end_micros, pieces: 1 }
}

fn timeline() -> Timeline {
    Timeline {
        threads: 2,
        elapsed_micros: 10_000,
        planning_micros: 1_000,
        idle_fraction: 0.256,
        kinds: vec![
            KindTime { kind: SpanKind::Decode, busy_micros: 6_000 },
            KindTime { kind: SpanKind::Snapshot, busy_micros: 2_000 },
        ],
        stages: vec![StageTimeline {
            attempt: 1,
            name: "scan t".to_owned(),
            tasks: 1_300,
            tasks_done: 12,
            rows: 1_000,
            bytes_read: 5_000_000,
            busy_micros: 6_000,
            first_start_micros: Some(1_000),
            last_end_micros: Some(9_000),
            ..StageTimeline::default()
        }],
        spans: vec![
            span(0, SpanKind::Decode, 1_000, 4_000),
            span(0, SpanKind::Operate, 4_000, 4_500),
            span(1, SpanKind::Decode, 6_000, 9_000),
        ],
        reads: vec![ReadSpan {
            lane: 0,
            stage: Some(0),
            task: Some(7),
            start_micros: 0,
            end_micros: 900,
            bytes: 8_000_000,
        }],
        reads_stride: 1,
        ..Timeline::default()
    }
}

#[wasm_bindgen_test]
fn threads_come_first_and_reads_below() {
    let lanes = lanes_of(&timeline());
    assert_eq!(lanes.iter().map(|lane| lane.bars.len()).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(lanes.iter().map(|lane| lane.is_reads).collect::<Vec<_>>(), [false, false, true]);
    assert!(lanes_of(&Timeline::default()).is_empty());
}

#[wasm_bindgen_test]
fn columns_show_what_took_most_and_how_much() {
    let lanes = lanes_of(&timeline());
    let run = |from, to, kind, strength| Run { from, to, kind: BarKind::Work(kind), strength };
    assert_eq!(
        runs(&lanes[0].bars, 10_000, 10),
        [run(1, 4, SpanKind::Decode, 4), run(4, 5, SpanKind::Operate, 2)]
    );
    assert_eq!(runs(&lanes[0].bars, 10_000, 1), [run(0, 1, SpanKind::Decode, 2)]);
    assert_eq!(runs(&lanes[0].bars, 10_000, 0), []);
    assert_eq!(runs(&[], 0, 100), []);
}

#[wasm_bindgen_test]
fn there_are_never_more_runs_than_columns() {
    let spans = (0..20_000).map(|i| {
        let kind = if i % 2 == 0 { SpanKind::Decode } else { SpanKind::Operate };
        span(0, kind, i * 10, i * 10 + i % 10)
    });
    let timeline = Timeline { threads: 1, spans: spans.collect(), ..Timeline::default() };
    let runs = runs(&lanes_of(&timeline)[0].bars, 200_000, 300);
    assert!(runs.len() <= 300 && runs.iter().all(|run| run.to <= 300), "{}", runs.len());
}

#[wasm_bindgen_test]
fn marks_of_the_axis_are_round_and_few() {
    assert_eq!(tick_micros(10_000, 5), 2_000);
    assert_eq!(tick_micros(10_001, 5), 5_000);
    assert_eq!(tick_micros(0, 5), 1);
    assert_eq!(tick_micros(95_000_000, 1), 100_000_000);
}

#[wasm_bindgen_test]
fn the_cursor_finds_bars_and_moves_from_one_to_the_next() {
    let lanes = lanes_of(&timeline());
    let at = |lane, at_micros| Cursor { lane, at_micros };
    let start_of = |cursor: Cursor, slack| cursor.bar(&lanes, slack).map(|bar| bar.start_micros);
    assert_eq!(start_of(at(0, 2_000), 0), Some(1_000));
    assert_eq!(start_of(at(0, 4_600), 0), None);
    assert_eq!(start_of(at(0, 4_600), 100), Some(4_000));
    assert_eq!(start_of(at(0, 900), 100), Some(1_000));
    assert_eq!(start_of(at(9, 900), 100), None);
    assert_eq!(at(0, 1_200).snapped(&lanes, 0), Some(at(0, 2_500)));
    assert_eq!(at(0, 5_000).snapped(&lanes, 0), None);
    let first = Cursor::moved(None, "ArrowRight", &lanes);
    assert_eq!(first, Some(at(0, 2_500)));
    let second = Cursor::moved(first, "ArrowRight", &lanes);
    assert_eq!(second, Some(at(0, 4_250)));
    assert_eq!(Cursor::moved(second, "ArrowRight", &lanes), second);
    assert_eq!(Cursor::moved(second, "Home", &lanes), first);
    let below = Cursor::moved(second, "ArrowDown", &lanes);
    assert_eq!(below, Some(at(1, 7_500)));
    assert_eq!(Cursor::moved(below, "ArrowUp", &lanes), second);
    assert_eq!(Cursor::moved(first, "a", &lanes), None);
    assert_eq!(Cursor::moved(None, "End", &[]), None);
}

#[wasm_bindgen_test]
fn bars_and_stages_are_told_in_words() {
    let timeline = timeline();
    let lanes = lanes_of(&timeline);
    assert_eq!(
        bar_text(&lanes[0], &lanes[0].bars[1]),
        "thread 1: operators, stage 0, task 7, 500 µs from 4.0 ms"
    );
    assert_eq!(bar_text(&lanes[2], &lanes[2].bars[0]), "read 1: stage 0, task 7, 8.00 MB, 900 µs from 0 µs");
    assert_eq!(summary(&timeline), "2 threads, idle for 25 % of 9.0 ms");
    assert_eq!(notes(&timeline), "Planning took 1.0 ms.");
    let coarse = Timeline { grain_micros: 512, reads_stride: 4, ..timeline.clone() };
    assert!(notes(&coarse).ends_with("within 512 µs is drawn together. One of 4 reads is drawn."));
    let lines = stage_lines(&timeline);
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].tasks.as_str(), lines[0].rows.as_str()), ("12 of 1,300", "1,000"));
    assert_eq!((lines[0].share, lines[1].share), (0.75, 0.25));
    assert_eq!(lines[1].name, "partial results while it ran");
    assert_eq!(micros_text(1_930_000), "1.9 s");
}
