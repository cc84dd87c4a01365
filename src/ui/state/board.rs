//! The dashboard.

use leptos::prelude::{Memo, RwSignal, With};
use millrace_recipe::Board;

/// The dashboard and whether it is on screen. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct BoardState {
    /// Charts and what was selected in them. A chart whose query is closed comes back with it, and is passed over
    /// until then.
    pub board: RwSignal<Board>,
    /// Whether it is on screen in place of a query.
    pub shown: Memo<bool>,
}

impl BoardState {
    /// No chart.
    pub fn new() -> Self {
        let board = RwSignal::new(Board::default());
        Self { board, shown: Memo::new(move |_| board.with(|board| board.shown)) }
    }
}
