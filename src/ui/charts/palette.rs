//! Colours of charts, told apart by people who see colours differently.

/// Colours of the frame and of the series, for one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind the chart, where it cannot be transparent.
    pub background: &'static str,
    /// Numbers and names.
    pub text: &'static str,
    /// Numbers and names of less weight.
    pub muted: &'static str,
    /// Lines across the chart.
    pub grid: &'static str,
    /// Behind a tooltip.
    pub tooltip: &'static str,
    /// The series, in order; they repeat with dashes.
    pub series: [&'static str; 7],
}

/// On white. The colours of Okabe and Ito (2008) without black and yellow, which text and paper need.
pub const LIGHT: Palette = Palette {
    background: "#ffffff",
    text: "#17242a",
    muted: "#5b656a",
    grid: "#dee5e7",
    tooltip: "#ffffff",
    series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195"],
};

/// On dark grey. The same hues, lighter, and yellow, which shines there.
pub const DARK: Palette = Palette {
    background: "#151d21",
    text: "#d6e0e3",
    muted: "#869197",
    grid: "#2a353a",
    tooltip: "#0d1417",
    series: ["#56b4e9", "#f28e2b", "#2dc59b", "#e29ac4", "#f0e442", "#8fa8ff", "#c8c8c8"],
};

impl Palette {
    /// The palette of a theme.
    pub fn of(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// Colour of a series, and whether it needs dashes because an earlier one has the same.
    pub fn of_series(&self, index: usize) -> (&'static str, bool) {
        (self.series[index % self.series.len()], index >= self.series.len())
    }
}
