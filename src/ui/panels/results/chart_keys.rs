//! The chart by keyboard: points one after another, told in words, and a selection.

use leptos::{ev, prelude::*};

use super::{chart_drawing::ChartDrawing, chart_state::ChartState};
use crate::charts::ChartTable;

/// What the keys do, for people and their readers.
pub const KEYS_HELP: &str =
    n!("Arrow keys go from point to point, with Shift they select, Enter filters the query by the \
                             selection, Z shows it alone, 0 shows all, Escape selects nothing.");

/// Where the keyboard is in the chart. `Copy`.
#[derive(Clone, Copy)]
pub struct ChartKeys {
    /// What is told of the place.
    pub told: RwSignal<String>,
    cursor: RwSignal<Option<usize>>,
    /// Where the selection began.
    anchor: RwSignal<Option<usize>>,
    state: ChartState,
    drawing: ChartDrawing,
    /// Takes the selection; tells nothing of what comes of it.
    take: Callback<()>,
}

impl ChartKeys {
    /// Nowhere. `take` is called for Enter when something is selected.
    pub fn new(state: ChartState, drawing: ChartDrawing, take: Callback<()>) -> Self {
        let told = RwSignal::new(String::new());
        let nowhere = || RwSignal::new(None);
        Self { told, cursor: nowhere(), anchor: nowhere(), state, drawing, take }
    }

    /// Does what a key is for.
    pub fn press(self, event: &ev::KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let is_done = match event.key().as_str() {
            "ArrowRight" => self.go(event.shift_key(), |place, _| place.map_or(0, |place| place + 1)),
            "ArrowLeft" => {
                self.go(event.shift_key(), |place, last| place.map_or(last, |place| place.saturating_sub(1)))
            }
            "Home" => self.go(event.shift_key(), |_, _| 0),
            "End" => self.go(event.shift_key(), |_, last| last),
            "Enter" => {
                let has_selection = self.drawing.picked.with_untracked(Option::is_some);
                if has_selection {
                    self.take.run(());
                }
                has_selection
            }
            "z" | "Z" => {
                self.drawing.zoom_to_selection();
                true
            }
            "0" => {
                self.drawing.unzoom();
                true
            }
            "Escape" if self.drawing.picked.with_untracked(Option::is_some) => {
                self.leave();
                self.drawing.clear();
                true
            }
            _ => false,
        };
        if is_done {
            event.prevent_default();
            // Escape would end the query as well.
            event.stop_propagation();
        }
    }

    /// The keyboard is elsewhere.
    pub fn leave(self) {
        self.cursor.set(None);
        self.anchor.set(None);
        self.told.set(String::new());
        self.drawing.point(f64::NAN);
    }

    fn go(self, selects: bool, to: impl Fn(Option<usize>, usize) -> usize) -> bool {
        let Some(table) = self.state.with_figure_untracked(ChartTable::of) else { return false };
        // Rows of one position are one place.
        let mut firsts: Vec<usize> = (0..table.positions.len()).collect();
        firsts.dedup_by_key(|row| table.positions[*row].to_bits());
        let Some(last) = firsts.len().checked_sub(1) else { return false };
        let before = self.cursor.get_untracked();
        let place = to(before, last).min(last);
        self.cursor.set(Some(place));
        let position = |place: usize| table.positions[firsts[place.min(last)]];
        self.drawing.point(position(place));
        let end = firsts.get(place + 1).copied().unwrap_or(table.rows.len());
        let told: Vec<String> = (firsts[place]..end).take(12).map(|row| table.told(row)).collect();
        self.told.set(told.join("; "));
        if selects {
            let anchor = self.anchor.get_untracked().or(before).unwrap_or(place);
            self.anchor.set(Some(anchor));
            let (a, b) = (position(anchor), position(place));
            self.drawing.select(vec![a.min(b), a.max(b)]);
        } else {
            self.anchor.set(None);
        }
        true
    }
}
