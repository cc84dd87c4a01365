//! A timeline as lanes of bars: threads first, then reads. What is at a place, and what is drawn where.

use millrace_protocol::{SpanKind, Timeline};

/// What a bar stands for; each has a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// Work of a thread.
    Work(SpanKind),
    /// Bytes on their way.
    Read,
}

impl BarKind {
    /// All kinds, in the order of the legend.
    pub const ALL: [Self; 7] = [
        Self::Work(SpanKind::Decode),
        Self::Work(SpanKind::Operate),
        Self::Work(SpanKind::Merge),
        Self::Work(SpanKind::Snapshot),
        Self::Work(SpanKind::Verify),
        Self::Work(SpanKind::Unpack),
        Self::Read,
    ];

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Work(SpanKind::Decode) => n!("decode"),
            Self::Work(SpanKind::Operate) => n!("operators"),
            Self::Work(SpanKind::Merge) => n!("merge states"),
            Self::Work(SpanKind::Snapshot) => n!("partial results"),
            Self::Work(SpanKind::Verify) => n!("verify"),
            Self::Work(SpanKind::Unpack) => n!("decompress"),
            Self::Read => n!("read"),
        }
    }

    /// Place in [`Self::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default()
    }
}

/// Something that took time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub kind: BarKind,
    /// Index of its stage.
    pub stage: Option<u32>,
    /// Number of its task.
    pub task: Option<u32>,
    /// When it began, in microseconds since the query started.
    pub start_micros: u64,
    /// When it ended.
    pub end_micros: u64,
    /// How many spans it stands for.
    pub pieces: u32,
    /// Bytes that were read.
    pub bytes: u64,
}

/// A thread, or a place for reads that are in flight together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Its bars in order, without overlap.
    pub bars: Vec<Bar>,
    /// Whether these are reads.
    pub is_reads: bool,
    /// Number of the thread or place, from 1.
    pub number: usize,
}

/// Reads in flight beyond this number are not drawn.
const MOST_READ_LANES: usize = 32;

/// All lanes from top to bottom.
pub fn lanes_of(timeline: &Timeline) -> Vec<Lane> {
    let threads = timeline.threads as usize;
    let reads = timeline.reads.iter().map(|read| read.lane as usize + 1).max().unwrap_or(0);
    let reads = reads.min(MOST_READ_LANES);
    let mut lanes: Vec<Lane> = (0..threads)
        .map(|index| Lane { number: index + 1, ..Lane::default() })
        .chain((0..reads).map(|index| Lane { number: index + 1, is_reads: true, ..Lane::default() }))
        .collect();
    for span in &timeline.spans {
        if let Some(lane) = lanes[..threads].get_mut(span.thread as usize) {
            lane.bars.push(Bar {
                kind: BarKind::Work(span.kind),
                stage: span.stage,
                task: span.task,
                start_micros: span.start_micros,
                end_micros: span.end_micros,
                pieces: span.pieces,
                bytes: 0,
            });
        }
    }
    for read in &timeline.reads {
        if let Some(lane) = lanes[threads..].get_mut(read.lane as usize) {
            lane.bars.push(Bar {
                kind: BarKind::Read,
                stage: read.stage,
                task: read.task,
                start_micros: read.start_micros,
                end_micros: read.end_micros,
                pieces: 1,
                bytes: read.bytes,
            });
        }
    }
    lanes
}

/// Columns of pixels of one lane in which nearly the same is to be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// First column.
    pub from: usize,
    /// Column behind the last one.
    pub to: usize,
    /// What took most of the time there.
    pub kind: BarKind,
    /// How much of the time was taken, in [`STRENGTHS`] steps from 1 up.
    pub strength: u8,
}

/// Steps of strength.
pub const STRENGTHS: u8 = 4;

/// What `width` columns show of `elapsed_micros`: however many bars there are, no more runs than columns.
/// A column of which half is idle is half as strong.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "columns of a screen"
)]
pub fn runs(bars: &[Bar], elapsed_micros: u64, width: usize) -> Vec<Run> {
    let mut shares = vec![[0.0_f64; BarKind::ALL.len()]; width];
    let scale = width as f64 / elapsed_micros.max(1) as f64;
    for bar in bars {
        let (from, to) = (bar.start_micros as f64 * scale, bar.end_micros as f64 * scale);
        let kind = bar.kind.index();
        let first = (from as usize).min(width);
        let behind = (to.ceil() as usize).clamp(first, width);
        for (column, shares) in (first..).zip(&mut shares[first..behind]) {
            let left = column as f64;
            shares[kind] += (to.min(left + 1.0) - from.max(left)).max(0.0);
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    for (column, shares) in shares.iter().enumerate() {
        let taken: f64 = shares.iter().sum();
        // What took a hundredth of a column would be seen as a line that is not there.
        if taken < 0.01 {
            continue;
        }
        let most =
            (0..shares.len()).fold(0, |most, kind| if shares[kind] > shares[most] { kind } else { most });
        let strength = ((taken * f64::from(STRENGTHS)).ceil() as u8).clamp(1, STRENGTHS);
        match runs.last_mut() {
            Some(run) if run.to == column && run.kind.index() == most && run.strength == strength => {
                run.to = column + 1;
            }
            _ => runs.push(Run { from: column, to: column + 1, kind: BarKind::ALL[most], strength }),
        }
    }
    runs
}

/// Whole steps of 1, 2 or 5 times a power of ten between the marks of an axis of at most so many.
pub fn tick_micros(elapsed_micros: u64, most: u64) -> u64 {
    let least = elapsed_micros.div_ceil(most.max(1)).max(1);
    let mut power = 1_u64;
    loop {
        for step in [1, 2, 5] {
            let tick = power.saturating_mul(step);
            if tick >= least {
                return tick;
            }
        }
        power = power.saturating_mul(10);
    }
}
