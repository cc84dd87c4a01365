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
    /// From little to much, by one hue and ever more or less light, which everybody sees alike.
    pub sequential: [&'static str; 5],
}

/// On white. Blue and vermilion are those of Okabe and Ito (2008); the others were searched so that the nearest two of
/// all seven are as far apart as they can be, for all kinds of eyes, with a contrast of 3 to 1 to the paper.
pub const LIGHT: Palette = Palette {
    background: "#ffffff",
    text: "#17242a",
    muted: "#5b656a",
    grid: "#dee5e7",
    tooltip: "#ffffff",
    series: ["#0072b2", "#d55e00", "#389f7e", "#9b2948", "#a279fb", "#560d89", "#511c0c"],
    sequential: ["#e6eff5", "#b3d3e6", "#6ba9cf", "#2a78b0", "#08406f"],
};

/// On dark grey.
pub const DARK: Palette = Palette {
    background: "#151d21",
    text: "#d6e0e3",
    muted: "#869197",
    grid: "#2a353a",
    tooltip: "#0d1417",
    series: ["#56b4e9", "#f28e2b", "#2dc59b", "#e29ac4", "#f0e442", "#8fa8ff", "#c8c8c8"],
    sequential: ["#1f3440", "#23597b", "#2f85b0", "#73bbda", "#e0f3fa"],
};

/// On white, for people who ask for more contrast.
pub const LIGHT_CONTRAST: Palette = Palette {
    text: "#000000",
    muted: "#2c3438",
    grid: "#aab4b8",
    series: ["#00508a", "#a83c00", "#006145", "#8f2f6b", "#6b5200", "#1f6fae", "#3a1763"],
    ..LIGHT
};

/// On dark grey, for people who ask for more contrast.
pub const DARK_CONTRAST: Palette = Palette {
    text: "#ffffff",
    muted: "#c6d0d4",
    grid: "#566268",
    series: ["#7cc8f5", "#ffab5c", "#4fe0b5", "#f5b5d8", "#fff06a", "#aebfff", "#e8e8e8"],
    ..DARK
};

impl Palette {
    /// The palette of a theme, with more contrast where somebody asks for it.
    pub fn of(dark: bool, contrast: bool) -> &'static Self {
        match (dark, contrast) {
            (false, false) => &LIGHT,
            (true, false) => &DARK,
            (false, true) => &LIGHT_CONTRAST,
            (true, true) => &DARK_CONTRAST,
        }
    }

    /// Colour of a series, and whether it needs dashes because an earlier one has the same.
    pub fn of_series(&self, index: usize) -> (&'static str, bool) {
        (self.series[index % self.series.len()], index >= self.series.len())
    }
}
