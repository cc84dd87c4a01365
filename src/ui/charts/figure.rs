//! What is drawn: series, boxes or cells, made of the series that the engine gives.

use millrace_protocol::{ColumnInfo, SeriesPage};

use super::{ChartChoice, Extent, arrange::arranged, bins::Bins, boxes::Boxes, heatmap::Grid, stack};

/// What a figure is made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What a person wants to see.
    pub choice: &'a ChartChoice,
    /// Columns of the result.
    pub columns: &'a [ColumnInfo],
    /// The engine's series.
    pub page: &'a SeriesPage,
    /// Whether the engine has summed the rows up by a query of [`super::ChartKind::side`], and over what.
    pub summed: Option<Extent>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Lines, bars, areas or points.
    Series(SeriesFigure),
    /// Boxes with whiskers.
    Boxes(Boxes),
    /// Cells of colour.
    Grid(Grid),
}

/// Lines, bars, areas or points.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesFigure {
    /// The series.
    pub page: SeriesPage,
    /// The intervals that the names of the axis stand for.
    pub bins: Option<Bins>,
    /// For each series the sizes of its points, or nothing.
    pub sizes: Vec<Vec<Option<f64>>>,
}

impl SeriesFigure {
    /// Series alone.
    pub fn of(page: SeriesPage) -> Self {
        Self { page, bins: None, sizes: Vec::new() }
    }
}

/// The engine's series, put in order and summed up as a person wants them.
pub fn of_series(source: &Source<'_>) -> Figure {
    Figure::Series(SeriesFigure::of(arranged(source.choice, source.page)))
}

impl Source<'_> {
    /// The figure, as the kind of chart makes it.
    pub fn figure(&self) -> Figure {
        (self.choice.kind().figure)(self)
    }

    /// Name of a column.
    pub fn name(&self, index: u32) -> String {
        self.columns.get(index as usize).map_or_else(String::new, |column| column.name.clone())
    }

    /// Whether a column holds whole numbers only.
    pub fn is_whole(&self, index: u32) -> bool {
        let type_name = self.columns.get(index as usize).map_or("", |column| column.type_name.as_str());
        type_name.contains("INT")
    }
}

impl Figure {
    /// Whether series that were thinned out at different places cannot be added up.
    pub fn cannot_stack(&self) -> bool {
        matches!(self, Self::Series(series) if stack::aligned_page(&series.page).is_none())
    }

    /// Rows of which it shows nothing.
    pub fn rows_left_out(&self) -> u64 {
        match self {
            Self::Series(series) => series.page.rows_left_out,
            Self::Boxes(boxes) => boxes.rows_left_out,
            Self::Grid(grid) => grid.rows_left_out,
        }
    }

    /// Names of its series.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Series(series) => series.page.groups.iter().map(|group| group.name.as_str()).collect(),
            Self::Boxes(boxes) => boxes.groups.iter().map(|group| group.name.as_str()).collect(),
            Self::Grid(_) => Vec::new(),
        }
    }

    /// How many points, boxes or cells it has.
    pub fn points(&self) -> usize {
        match self {
            Self::Series(series) => series.page.groups.iter().map(|group| group.x.len()).sum(),
            Self::Boxes(boxes) => boxes.groups.iter().map(|group| group.boxes.iter().flatten().count()).sum(),
            Self::Grid(grid) => grid.cells.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{ResultInfo, SeriesGroup};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::{CHARTS, ChartTable, Look, chart_option, default_choice, palette::LIGHT, summary};

    /// Two days of a row an hour, as the engine gives them for whatever is asked.
    pub fn page_for(choice: &ChartChoice, columns: &[ColumnInfo]) -> SeriesPage {
        let is_time = columns[choice.x as usize].type_name == "TIMESTAMP";
        let is_text = columns[choice.x as usize].type_name == "VARCHAR";
        let last = u32::try_from(columns.len() - 1).expect("few columns");
        let request = choice.request(100, Some(last));
        let names: Vec<String> = request.y.iter().map(|&y| columns[y as usize].name.clone()).collect();
        let colors: &[&str] = if request.color.is_some() { &["EU", "US"] } else { &[""] };
        let groups = colors.iter().flat_map(|color| {
            let several = names.len();
            names.iter().map(move |name| SeriesGroup {
                name: match (*color, several) {
                    ("", _) => name.clone(),
                    (color, 1) => color.to_owned(),
                    (color, _) => format!("{color} · {name}"),
                },
                x: (0..48)
                    .map(|hour| if is_time { f64::from(hour) * 3.6e6 } else { f64::from(hour / 16) })
                    .collect(),
                y: (0..48).map(|hour| (hour != 3).then_some(f64::from(hour))).collect(),
                estimates: Vec::new(),
            })
        });
        let groups: Vec<SeriesGroup> = groups.collect();
        SeriesPage {
            result: ResultInfo { number: 1, fraction: 1.0, columns: columns.to_vec(), row_count: 48 },
            x_is_time: is_time,
            x_labels: is_text.then(|| ["a", "b", "c"].map(str::to_owned).to_vec()),
            groups,
            rows_left_out: 0,
        }
    }

    #[wasm_bindgen_test]
    fn every_kind_draws_tells_and_lists_the_same_rows() {
        let columns: Vec<ColumnInfo> =
            [("at", "TIMESTAMP"), ("name", "VARCHAR"), ("n", "BIGINT"), ("mean", "DOUBLE")]
                .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() })
                .to_vec();
        let start = default_choice(&columns, 9).expect("a chart");
        for kind in CHARTS {
            for panels in [false, true] {
                let mut choice = start.clone().with_kind(kind, &columns).expect(kind.name);
                choice.look.panels = panels;
                let page = page_for(&choice, &columns);
                let source = Source { choice: &choice, columns: &columns, page: &page, summed: None };
                let figure = source.figure();
                assert!(figure.points() > 0, "{}", kind.name);
                let look = Look { palette: &LIGHT, narrow: false };
                let chart = chart_option(&source, &figure, false, &look);
                let series = chart.option["series"].as_array().expect("series").len();
                assert_eq!((chart.data.len(), chart.told.len()), (series, series), "{}", kind.name);
                assert!(chart.data.iter().any(|data| !data.is_empty()), "{}", kind.name);
                let text = summary(&source, &figure, false);
                assert!(text.starts_with(kind.label) && text.ends_with("Exact."), "{text}");
                let table = ChartTable::of(&source, &figure);
                assert!(!table.rows.is_empty(), "{}", kind.name);
                for row in &table.rows {
                    assert_eq!(row.len(), table.header.len(), "{}", kind.name);
                }
                assert_eq!(table.csv().lines().count(), table.rows.len() + 1, "{}", kind.name);
            }
        }
    }

    #[wasm_bindgen_test]
    fn a_histogram_counts_every_row_once() {
        let columns = [ColumnInfo { name: "n".into(), type_name: "BIGINT".into() }];
        let choice = default_choice(&columns, 9).expect("a chart");
        let mut page = page_for(&choice, &columns);
        page.groups[0].x = (0..48).map(f64::from).collect();
        let source = Source { choice: &choice, columns: &columns, page: &page, summed: None };
        let Figure::Series(figure) = source.figure() else { panic!("a histogram has series") };
        let counted: f64 = figure.page.groups[0].y.iter().flatten().sum();
        assert_eq!(counted, 48.0);
        assert_eq!(figure.bins.map(|bins| bins.width), Some(2.0));
    }

    #[wasm_bindgen_test]
    fn a_heatmap_of_hours_and_weekdays_adds_up_its_rows() {
        let columns = [("at", "TIMESTAMP"), ("n", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() });
        let start = default_choice(&columns, 9).expect("a chart");
        let choice = start.with_kind(&crate::charts::heatmap::HEATMAP, &columns).expect("a heatmap");
        let mut page = page_for(&choice, &columns);
        // The second week repeats the first.
        let later: Vec<f64> = page.groups[0].x.iter().map(|x| x + 7.0 * 86.4e6).collect();
        let values = page.groups[0].y.clone();
        page.groups[0].x.extend(later);
        page.groups[0].y.extend(values);
        let source = Source { choice: &choice, columns: &columns, page: &page, summed: None };
        let Figure::Grid(grid) = source.figure() else { panic!("a heatmap has cells") };
        assert_eq!((grid.x.len(), grid.y.len(), grid.cells.len()), (24, 7, 47));
        // 1970-01-02 was a Friday, and its first row counts 24 twice.
        let friday = grid.y.iter().position(|day| day == "Fri").expect("a Friday");
        assert!(grid.cells.contains(&(0, friday, 48.0)), "{:?}", grid.cells);
        assert_eq!(grid.y.first().map(String::as_str), Some("Sun"));
    }
}
