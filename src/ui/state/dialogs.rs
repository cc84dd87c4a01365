//! Which dialogs of the page as a whole are open.

use leptos::prelude::RwSignal;

/// A signal for each. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Dialogs {
    /// The list of all commands.
    pub palette: RwSignal<bool>,
    /// The list of all keys.
    pub keys: RwSignal<bool>,
    /// The link, and what it holds.
    pub share: RwSignal<bool>,
    /// The benchmark.
    pub benchmark: RwSignal<bool>,
    /// What this page is.
    pub about: RwSignal<bool>,
}

impl Dialogs {
    /// All closed.
    pub fn new() -> Self {
        let closed = || RwSignal::new(false);
        Self { palette: closed(), keys: closed(), share: closed(), benchmark: closed(), about: closed() }
    }
}
