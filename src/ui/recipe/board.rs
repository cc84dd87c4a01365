//! The dashboard: which queries' charts stand where, and what was selected in them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Columns of the grid.
pub const COLUMNS: u32 = 12;

/// Fewest and most columns of a chart.
const WIDTHS: (u32, u32) = (3, COLUMNS);

/// Fewest and most rows of the grid that a chart takes.
const HEIGHTS: (u32, u32) = (2, 10);

/// Charts in their order. They fill the grid from the left and from the top.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Board {
    /// The charts.
    pub tiles: Vec<Tile>,
    /// What was selected in them, at most one selection a chart.
    pub filters: Vec<LinkedFilter>,
    /// Whether it is on screen in place of a query. Going there is no change of the work.
    pub shown: bool,
}

/// The chart of a query in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tile {
    /// Id of the query, which has one chart.
    pub query: u32,
    /// Columns of the grid.
    pub width: u32,
    /// Rows of the grid.
    pub height: u32,
}

/// What was selected in a chart: conditions on columns of the tables that its query reads, for the other charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LinkedFilter {
    /// Id of the query whose chart it was selected in.
    pub query: u32,
    /// Ends of the selection on the chart's axes, as the chart knows them.
    pub ends: Vec<f64>,
    /// All of them hold.
    pub conditions: Vec<LinkedCondition>,
}

/// A condition on columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LinkedCondition {
    /// What is compared, in SQL.
    pub expression: String,
    /// Columns that a table must have for it.
    pub columns: Vec<String>,
    /// Which values were selected, as the charts write it.
    pub condition: Value,
}

impl Default for Tile {
    fn default() -> Self {
        Self { query: 0, width: 6, height: 4 }
    }
}

impl Tile {
    /// The chart with so many columns and rows more, as far as the grid has room for them.
    #[must_use]
    pub fn resized(self, columns: i32, rows: i32) -> Self {
        let width = self.width.saturating_add_signed(columns).clamp(WIDTHS.0, WIDTHS.1);
        let height = self.height.saturating_add_signed(rows).clamp(HEIGHTS.0, HEIGHTS.1);
        Self { width, height, ..self }
    }
}

impl Board {
    /// Whether both have the same charts and selections, on screen or not.
    pub fn is_same_work(&self, other: &Self) -> bool {
        self.tiles == other.tiles && self.filters == other.filters
    }

    /// The dashboard with the charts of these queries only, each in the grid once.
    #[must_use]
    pub fn of_queries(mut self, is_there: impl Fn(u32) -> bool) -> Self {
        let mut seen = Vec::new();
        self.tiles.retain(|tile| {
            let is_new = !seen.contains(&tile.query);
            seen.push(tile.query);
            is_new && is_there(tile.query)
        });
        for tile in &mut self.tiles {
            *tile = tile.resized(0, 0);
        }
        self.filters.retain(|filter| self.tiles.iter().any(|tile| tile.query == filter.query));
        self
    }

    /// Gives queries other ids.
    pub fn renumber(&mut self, new_of: impl Fn(u32) -> u32) {
        self.tiles.iter_mut().for_each(|tile| tile.query = new_of(tile.query));
        self.filters.iter_mut().for_each(|filter| filter.query = new_of(filter.query));
    }
}
