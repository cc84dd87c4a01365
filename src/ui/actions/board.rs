//! What a person does with the dashboard.

use leptos::prelude::*;
use millrace_recipe::{Board, LinkedFilter, Tile};

use super::Actions;
use crate::state::TabId;

impl Actions {
    /// Shows the dashboard, or the queries again.
    pub fn show_board(self, shown: bool) {
        if self.board.shown.get_untracked() != shown {
            self.board.board.update(|board| board.shown = shown);
        }
    }

    /// Puts the charts of queries on the dashboard, behind those that are there.
    pub fn add_tiles(self, queries: &[TabId]) {
        self.board.board.update(|board| {
            for &query in queries {
                if board.tiles.iter().all(|tile| tile.query != query) {
                    board.tiles.push(Tile { query, ..Tile::default() });
                }
            }
        });
    }

    /// Takes a chart off the dashboard, with what was selected in it.
    pub fn remove_tile(self, query: TabId) {
        self.board.board.update(|board| {
            board.tiles.retain(|tile| tile.query != query);
            board.filters.retain(|filter| filter.query != query);
        });
    }

    /// Puts a chart where another one is.
    pub fn move_tile(self, query: TabId, to: TabId) {
        self.board.board.update(|board| {
            let place = |query| board.tiles.iter().position(|tile| tile.query == query);
            if let (Some(from), Some(to)) = (place(query), place(to)) {
                let tile = board.tiles.remove(from);
                board.tiles.insert(to, tile);
            }
        });
    }

    /// Moves a chart so many places on.
    pub fn shift_tile(self, query: TabId, step: isize) {
        let shown = self.shown_tiles();
        let place = shown.iter().position(|other| *other == query);
        if let Some(to) = place.and_then(|place| shown.get(place.checked_add_signed(step)?)) {
            self.move_tile(query, *to);
        }
    }

    /// Makes a chart so many columns and rows of the grid larger.
    pub fn resize_tile(self, query: TabId, columns: i32, rows: i32) {
        self.board.board.update(|board| {
            for tile in board.tiles.iter_mut().filter(|tile| tile.query == query) {
                *tile = tile.resized(columns, rows);
            }
        });
    }

    /// What is selected in a chart, for the others; nothing more when absent.
    pub fn filter_tiles(self, query: TabId, filter: Option<LinkedFilter>) {
        // A selection that means the same is the same, wherever exactly it ends.
        let conditions = |filter: &LinkedFilter| filter.conditions.clone();
        let is_known = self.board.board.with_untracked(|board| {
            board.filters.iter().find(|filter| filter.query == query).map(conditions)
                == filter.as_ref().map(conditions)
        });
        if !is_known {
            self.board.board.update(|board| {
                board.filters.retain(|filter| filter.query != query);
                board.filters.extend(filter);
            });
        }
    }

    /// Selects nothing in any chart.
    pub fn unfilter_tiles(self) {
        self.board.board.update(|board| board.filters.clear());
    }

    /// Makes the dashboard that of a recipe. Where it is the same, what is on screen stays.
    pub fn put_board(self, board: Board) {
        let is_same = self.board.board.with_untracked(|now| now.is_same_work(&board));
        if !is_same {
            self.board.board.set(board);
        }
    }

    /// The charts that are to be seen: those of queries that are not closed.
    pub fn shown_tiles(self) -> Vec<TabId> {
        self.board.board.with_untracked(|board| {
            let ids = board.tiles.iter().map(|tile| tile.query);
            ids.filter(|id| self.tabs.name(*id).is_some()).collect()
        })
    }
}
