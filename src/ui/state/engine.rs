//! State of the engine worker.

use leptos::prelude::RwSignal;
use millrace_protocol::{BootStage, ErrorInfo};

/// How the engine is.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineStatus {
    /// It is being fetched and compiled.
    Booting {
        /// What is being done.
        stage: BootStage,
        /// Compressed bytes that have arrived.
        loaded_bytes: u64,
        /// Compressed bytes of the whole engine; 0 while unknown.
        total_bytes: u64,
    },
    /// It takes commands.
    Ready {
        /// Threads of its pool.
        threads: u32,
        /// Its version.
        version: String,
    },
    /// It failed and another one is being started with the same tables.
    Restarting,
    /// It cannot run here.
    Impossible(ErrorInfo),
}

/// The engine as the page sees it.
#[derive(Clone, Copy)]
pub struct EngineState {
    /// How it is.
    pub status: RwSignal<EngineStatus>,
    /// Names of SQL functions, for completion.
    pub functions: RwSignal<Vec<String>>,
    /// What the user should know about a lost engine, until dismissed.
    pub notice: RwSignal<Option<ErrorInfo>>,
    /// Counts engines. Results of an earlier engine cannot be read any more.
    pub generation: RwSignal<u32>,
}

impl EngineState {
    /// An engine that has not arrived yet.
    pub fn new() -> Self {
        Self {
            status: RwSignal::new(EngineStatus::Booting {
                stage: BootStage::Download,
                loaded_bytes: 0,
                total_bytes: 0,
            }),
            functions: RwSignal::new(Vec::new()),
            notice: RwSignal::new(None),
            generation: RwSignal::new(0),
        }
    }
}
