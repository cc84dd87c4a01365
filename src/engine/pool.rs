//! Runs futures and closures on the rayon pool.
//!
//! A task that waits for bytes must not hold a thread, so tasks are futures: each poll is a job on
//! the pool, and a wake puts the next poll there.

use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use async_task::Runnable;
use futures::FutureExt;

use crate::Error;

/// Which rayon pool computes.
#[derive(Clone, Debug)]
pub enum Pool {
    /// The global one, as wasm-bindgen-rayon starts it.
    Global,
    /// One of its own, for tests with several thread counts in one process.
    Own(Arc<rayon::ThreadPool>),
}

/// A pool, what waits for it, and how many of its threads are at work.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    pool: Pool,
    queues: Arc<Queues>,
    busy: Arc<AtomicU32>,
}

/// Polls that wait for a thread. Each has one job in the pool, which runs whichever is first in line:
/// somebody looks at what is urgent, and it is short.
#[derive(Debug, Default)]
struct Queues {
    waiting: Mutex<[VecDeque<Runnable>; 2]>,
}

/// What a task is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Priority {
    /// Snapshots, and what the page asked to see.
    Urgent,
    /// The scan.
    Normal,
}

impl Executor {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool, queues: Arc::default(), busy: Arc::default() }
    }

    /// Threads that are computing right now.
    pub(crate) fn busy(&self) -> u32 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Starts a future on the pool. Dropping the task cancels it; a panic in it becomes an error.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        priority: Priority,
        future: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> async_task::Task<Result<T, Error>> {
        let busy = Arc::clone(&self.busy);
        let mut future = Box::pin(AssertUnwindSafe(future).catch_unwind());
        let counted = std::future::poll_fn(move |context| {
            busy.fetch_add(1, Ordering::Relaxed);
            let poll = future.poll_unpin(context);
            busy.fetch_sub(1, Ordering::Relaxed);
            poll.map(|outcome| outcome.unwrap_or_else(|panic| Err(Error::Panic(panic_message(&*panic)))))
        });
        let (pool, queues) = (self.pool.clone(), Arc::clone(&self.queues));
        let (runnable, task) = async_task::spawn(counted, move |runnable: Runnable| {
            queues.push(priority, runnable);
            let queues = Arc::clone(&queues);
            match &pool {
                Pool::Global => rayon::spawn_fifo(move || queues.run_one()),
                Pool::Own(pool) => pool.spawn_fifo(move || queues.run_one()),
            }
        });
        runnable.schedule();
        task
    }

    /// Runs a closure on the pool.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let mut work = Some(work);
        let future = std::future::poll_fn(move |_| match work.take() {
            Some(work) => Poll::Ready(Ok(work())),
            None => Poll::Pending,
        });
        self.spawn(Priority::Urgent, future).await
    }
}

impl Queues {
    fn push(&self, priority: Priority, runnable: Runnable) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting[priority as usize].push_back(runnable);
    }

    fn run_one(&self) {
        let first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.iter_mut().find_map(VecDeque::pop_front)
        };
        if let Some(runnable) = first {
            runnable.run();
        }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a task panicked".to_owned())
}
