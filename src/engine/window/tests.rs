//! The kinds alone, against their definition.

use super::{WINDOWS, WindowSpec};
use arrow::datatypes::TimeUnit;

/// Start and end of the windows of a moment.
fn windows(name: &str, lengths: &[i64], time: i64) -> Vec<(i64, i64)> {
    let kind = super::WindowKind::named(name).expect("a kind");
    let lengths: Vec<_> = lengths.iter().copied().map(Some).collect();
    let spec = WindowSpec::try_new(kind, &lengths).expect("lengths");
    let mut found = Vec::new();
    let assigner = spec.assigner(TimeUnit::Nanosecond).expect("a kind with windows of its own");
    assigner.windows_of(time, &mut |start, end| found.push((start, end)));
    assert!(found.len() <= assigner.most(), "{name}: at most {}", assigner.most());
    found
}

#[test]
fn a_moment_is_in_the_windows_that_hold_it() {
    assert_eq!(windows("TUMBLE", &[5000, 0], 4999), [(0, 5000)]);
    assert_eq!(windows("TUMBLE", &[5000, 0], 5000), [(5000, 10_000)]);
    assert_eq!(windows("TUMBLE", &[5000, -100], 0), [(-100, 4900)]);
    assert_eq!(windows("TUMBLE", &[10, 5], 1), [(-5, 5)]);
    let starts = |windows: Vec<(i64, i64)>| windows.into_iter().map(|(start, _)| start).collect::<Vec<_>>();
    assert_eq!(starts(windows("HOP", &[1000, 5000, 0], 0)), [-4000, -3000, -2000, -1000, 0]);
    assert_eq!(starts(windows("HOP", &[1000, 5000, 0], 4999)), [0, 1000, 2000, 3000, 4000]);
    assert_eq!(windows("HOP", &[3, 7, 0], 6), [(0, 7), (3, 10), (6, 13)]);
    assert_eq!(windows("CUMULATE", &[2, 10, 0], 5), [(0, 6), (0, 8), (0, 10)]);
    assert_eq!(windows("CUMULATE", &[2, 10, 1], 0), [(-9, 1)]);
}

#[test]
fn offsets_count_modulo_the_size() {
    for offset in [-16, -6, 4, 14] {
        assert_eq!(windows("TUMBLE", &[10, offset], 1), [(-6, 4)]);
    }
}

#[test]
fn windows_are_made_up_of_panes() {
    for kind in WINDOWS {
        let lengths: Vec<_> = kind
            .parameters
            .iter()
            .map(|parameter| {
                Some(match parameter.name {
                    "OFFSET" => -7,
                    "SLIDE" | "STEP" => 4,
                    _ => 12,
                })
            })
            .collect();
        let spec = WindowSpec::try_new(kind, &lengths).expect("lengths");
        let (Some(pane), Some(assigner)) = (spec.pane(), spec.assigner(TimeUnit::Nanosecond)) else {
            continue;
        };
        let panes = pane.assigner(TimeUnit::Nanosecond).expect("panes");
        // There are no rows before number 0.
        for time in if kind.counts_rows() { 0..60 } else { -30..30 } {
            let (mut of_time, mut of_pane) = (Vec::new(), Vec::new());
            assigner.windows_of(time, &mut |start, end| of_time.push((start, end)));
            panes.windows_of(time, &mut |start, _| {
                assigner.windows_of(start, &mut |start, end| of_pane.push((start, end)));
            });
            assert_eq!(of_time, of_pane, "{} at {time}", kind.name);
        }
    }
}

#[test]
fn wrong_lengths_are_told() {
    let refused = |name: &str, lengths: &[i64]| {
        let kind = super::WindowKind::named(name).expect("a kind");
        let lengths: Vec<_> = lengths.iter().copied().map(Some).collect();
        WindowSpec::try_new(kind, &lengths).expect_err("wrong lengths").message
    };
    assert_eq!(refused("TUMBLE", &[0, 0]), "The size of TUMBLE must be longer than zero.");
    assert_eq!(refused("HOP", &[-1, 5, 0]), "The slide of HOP must be longer than zero.");
    assert_eq!(refused("HOP", &[6, 5, 0]), "The slide of HOP is larger than its size.");
    assert_eq!(refused("CUMULATE", &[2, 5, 0]), "The size of CUMULATE is no multiple of its step.");
    assert_eq!(refused("SESSION", &[0]), "The gap of SESSION must be longer than zero.");
    assert_eq!(refused("HOP", &[1, 1_000_000, 0]), "Each row would be in 1000000 windows of HOP.");
}
