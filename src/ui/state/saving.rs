//! A result on its way out of the page.

use leptos::prelude::RwSignal;
use millrace_protocol::CommandId;

/// What is being written, and what came of it. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Saving {
    /// Name of the format that is being written.
    pub busy: RwSignal<Option<&'static str>>,
    /// The export that writes it, if the engine does, to cancel it.
    pub export: RwSignal<Option<CommandId>>,
    /// What came of the last one: what was copied, or why it failed.
    pub told: RwSignal<Option<Result<String, String>>>,
}

impl Saving {
    /// Nothing.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(None), export: RwSignal::new(None), told: RwSignal::new(None) }
    }
}
