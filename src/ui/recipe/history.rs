//! Steps of work, to be taken back and made again.

use std::collections::BTreeSet;

use crate::{Recipe, change::describe};

/// Steps that are kept; older ones stay done.
const MOST_STEPS: usize = 200;

/// The work as it is, as it was, and as it was before steps were taken back.
#[derive(Clone, Debug, Default)]
pub struct History {
    past: Vec<Recipe>,
    present: Recipe,
    future: Vec<Recipe>,
}

impl History {
    /// Takes the work as it is now. A change is a step, which ends what could be made again.
    pub fn record(&mut self, now: Recipe) -> bool {
        if now.is_same_work(&self.present) {
            self.present.open = now.open;
            self.present.board.shown = now.board.shown;
            return false;
        }
        self.future.clear();
        if self.goes_on_selecting(&now) {
            self.present = now;
            return true;
        }
        self.past.push(std::mem::replace(&mut self.present, now));
        if self.past.len() > MOST_STEPS {
            self.past.remove(0);
        }
        true
    }

    /// Whether a change is more of the last step, which selected in a chart of the dashboard what is now selected
    /// otherwise there: ends move while people look at what comes of it.
    fn goes_on_selecting(&self, now: &Recipe) -> bool {
        let selected_in = |recipe: &Recipe| -> BTreeSet<u32> {
            recipe.board.filters.iter().map(|filter| filter.query).collect()
        };
        let Some(before) = self.past.last() else { return false };
        let [was, is, will_be] = [before, &self.present, now].map(selected_in);
        is == will_be
            && was != is
            && before.differs_in_filters_only(&self.present)
            && self.present.differs_in_filters_only(now)
    }

    /// Takes the work as it has become by taking a step back or making it again, which may have failed in part.
    pub fn settle(&mut self, now: Recipe) {
        self.present = now;
    }

    /// Goes one step back, and gives the work as it was.
    pub fn undo(&mut self) -> Option<Recipe> {
        let before = self.past.pop()?;
        self.future.push(std::mem::replace(&mut self.present, before.clone()));
        Some(before)
    }

    /// Makes the step again that was taken back last, and gives the work as it is then.
    pub fn redo(&mut self) -> Option<Recipe> {
        let after = self.future.pop()?;
        self.past.push(std::mem::replace(&mut self.present, after.clone()));
        Some(after)
    }

    /// The work as it was recorded last.
    pub fn present(&self) -> &Recipe {
        &self.present
    }

    /// What would be taken back, in a few words.
    pub fn to_undo(&self) -> Option<String> {
        self.past.last().map(|before| describe(before, &self.present))
    }

    /// What would be made again, in a few words.
    pub fn to_redo(&self) -> Option<String> {
        self.future.last().map(|after| describe(&self.present, after))
    }
}
