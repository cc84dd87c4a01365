//! The recording of one job, and what is told of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use millrace_protocol::{KindTime, Span, SpanKind, StageTimeline, Timeline};

use super::lane::{Lane, LaneSpan, coarsen, coarser, is_of_stage};
use super::reads::{Read, Reads};
use super::stage_name::{operators, stage_name};
use super::{Clock, TableNames, Work};
use crate::stage::Stage;

/// Spans that are kept of a job, on all threads together; more are put together as they come.
const MOST_SPANS: usize = 20_000;

/// What the threads did for one job. A cheap handle; the recording lives on after its job.
#[derive(Clone, Debug)]
pub struct Recording(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    clock: Arc<dyn Clock>,
    start_micros: u64,
    /// When the first attempt's stages were known; 0 before.
    planned_micros: AtomicU64,
    /// When the job ended; `RUNNING` before.
    end_micros: AtomicU64,
    /// By thread of the pool.
    lanes: Box<[Mutex<Lane>]>,
    reads: Mutex<Reads>,
    stages: Mutex<Vec<StageTimeline>>,
}

const RUNNING: u64 = u64::MAX;

impl Recording {
    /// A recording of a job that starts now, on a pool of so many threads.
    pub(crate) fn new(clock: Arc<dyn Clock>, threads: usize) -> Self {
        let start_micros = clock.now_micros();
        Self(Arc::new(Inner {
            clock,
            start_micros,
            planned_micros: AtomicU64::new(0),
            end_micros: AtomicU64::new(RUNNING),
            lanes: (0..threads.max(1)).map(|_| Mutex::default()).collect(),
            reads: Mutex::default(),
            stages: Mutex::default(),
        }))
    }

    /// The job has ended.
    pub(crate) fn end(&self) {
        self.0.end_micros.store(self.0.now(), Ordering::Relaxed);
    }

    /// What was done so far, with at most about `max_spans` spans and as many reads.
    pub fn timeline(&self, max_spans: usize) -> Timeline {
        let inner = &*self.0;
        let ended_micros = inner.end_micros.load(Ordering::Relaxed);
        let running = ended_micros == RUNNING;
        let end_micros = if running { inner.now() } else { ended_micros };
        let mut grain_micros = 0;
        let lanes: Vec<Vec<LaneSpan>> = inner
            .lanes
            .iter()
            .map(|lane| {
                let lane = lock(lane);
                grain_micros = lane.grain_micros().max(grain_micros);
                within(lane.spans(end_micros), end_micros)
            })
            .collect();
        let mut stages = lock(&inner.stages).clone();
        let kinds = self.sum_up(&lanes, &mut stages);
        let (lanes, grain_micros) = fewer(lanes, grain_micros, max_spans);
        let relative = |micros: u64| micros.saturating_sub(inner.start_micros);
        let spans = (0..).zip(&lanes).flat_map(|(thread, lane)| {
            lane.iter().map(move |span| Span {
                thread,
                stage: span.work.stage,
                task: span.work.task,
                kind: span.work.kind,
                start_micros: relative(span.start_micros),
                end_micros: relative(span.end_micros),
                pieces: span.pieces,
            })
        });
        let (reads, reads_stride) = lock(&inner.reads).told(max_spans, inner.start_micros, end_micros);
        let planned_micros = match inner.planned_micros.load(Ordering::Relaxed) {
            0 => end_micros,
            planned => planned.min(end_micros),
        };
        let busy_micros: u64 = kinds.iter().map(|kind| kind.busy_micros).sum();
        let threads_micros = (end_micros - planned_micros).saturating_mul(inner.lanes.len() as u64);
        let busy_fraction = busy_micros as f64 / threads_micros.max(1) as f64;
        Timeline {
            threads: u32::try_from(inner.lanes.len()).unwrap_or(u32::MAX),
            running,
            elapsed_micros: relative(end_micros),
            planning_micros: relative(planned_micros),
            idle_fraction: if threads_micros == 0 { 0.0 } else { (1.0 - busy_fraction).clamp(0.0, 1.0) },
            kinds,
            stages,
            spans: spans.collect(),
            reads,
            grain_micros,
            reads_stride,
        }
    }

    /// Adds the spans up by stage and by kind. Putting spans together changes no sum, so sums are as
    /// exact as the clock.
    fn sum_up(&self, lanes: &[Vec<LaneSpan>], stages: &mut [StageTimeline]) -> Vec<KindTime> {
        let mut busy_micros = [0; SpanKind::ALL.len()];
        for LaneSpan { work, start_micros, end_micros, .. } in lanes.iter().flatten() {
            let micros = end_micros - start_micros;
            busy_micros[work.kind as usize] += micros;
            let stage = work.stage.and_then(|stage| stages.get_mut(stage as usize));
            if let Some(stage) = stage.filter(|_| is_of_stage(work.kind)) {
                let start = start_micros.saturating_sub(self.0.start_micros);
                let end = end_micros.saturating_sub(self.0.start_micros);
                stage.busy_micros += micros;
                stage.first_start_micros =
                    Some(stage.first_start_micros.map_or(start, |first| first.min(start)));
                stage.last_end_micros = Some(stage.last_end_micros.map_or(end, |last| last.max(end)));
            }
        }
        let of_kinds = SpanKind::ALL.into_iter().zip(busy_micros);
        of_kinds
            .filter(|(_, micros)| *micros > 0)
            .map(|(kind, busy_micros)| KindTime { kind, busy_micros })
            .collect()
    }
}

impl Inner {
    pub(super) fn now(&self) -> u64 {
        self.clock.now_micros().max(self.start_micros)
    }

    /// Gives the index of the attempt's first stage.
    pub(super) fn begin_attempt(&self, stages: &[Stage], tables: &TableNames) -> u32 {
        // Only the first attempt's planning is told: the second one needs next to none.
        let _ = self.planned_micros.compare_exchange(0, self.now(), Ordering::Relaxed, Ordering::Relaxed);
        let mut known = lock(&self.stages);
        let first = known.len();
        let attempt = known.last().map_or(1, |last| last.attempt + 1);
        known.extend(stages.iter().map(|stage| StageTimeline {
            attempt,
            name: stage_name(&stage.plan, tables),
            operators: operators(&stage.plan),
            tasks: u32::try_from(stage.tasks()).unwrap_or(u32::MAX),
            ..StageTimeline::default()
        }));
        u32::try_from(first).unwrap_or(u32::MAX)
    }

    pub(super) fn task_done(&self, stage: usize, rows: u64) {
        if let Some(stage) = lock(&self.stages).get_mut(stage) {
            stage.tasks_done += 1;
            stage.rows += rows;
        }
    }

    pub(super) fn add_read(&self, read: Read) {
        lock(&self.reads).push(read);
        let stage = read.work.and_then(|work| work.stage);
        if let Some(stage) = stage
            && let Some(stage) = lock(&self.stages).get_mut(stage as usize)
        {
            stage.bytes_read += read.bytes;
        }
    }

    /// What the current thread works on, if it is one of the pool's.
    pub(super) fn current(&self) -> Option<Work> {
        lock(self.lane()?).current()
    }

    /// The current thread turns to other work. Gives what it did before.
    pub(super) fn turn_to(&self, work: Option<Work>) -> Option<Work> {
        let most_spans = (MOST_SPANS / self.lanes.len()).max(2);
        lock(self.lane()?).turn_to(work, self.now(), most_spans)
    }

    fn lane(&self) -> Option<&Mutex<Lane>> {
        self.lanes.get(rayon::current_thread_index()?)
    }
}

/// Spans up to `end_micros`: a task that is being polled when its job ends goes on for a moment.
fn within(mut spans: Vec<LaneSpan>, end_micros: u64) -> Vec<LaneSpan> {
    spans.retain(|span| span.start_micros < end_micros);
    if let Some(last) = spans.last_mut() {
        last.end_micros = last.end_micros.min(end_micros);
    }
    spans
}

/// At most about `max_spans` spans of all lanes, and the grain at which they were put together.
fn fewer(
    mut lanes: Vec<Vec<LaneSpan>>,
    mut grain_micros: u64,
    max_spans: usize,
) -> (Vec<Vec<LaneSpan>>, u64) {
    let count = |lanes: &[Vec<LaneSpan>]| lanes.iter().map(Vec::len).sum::<usize>();
    while count(&lanes) > max_spans && grain_micros < u64::MAX / 2 {
        grain_micros = coarser(grain_micros);
        lanes = lanes.iter().map(|lane| coarsen(lane, grain_micros)).collect();
    }
    (lanes, grain_micros)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
