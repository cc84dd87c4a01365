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
    series: ["#56b4e9", "#f28e2b", "#23fdd3", "#b3588b", "#f7eb29", "#366ade", "#7e6d0e"],
    sequential: ["#1f3440", "#23597b", "#2f85b0", "#73bbda", "#e0f3fa"],
};

/// On white, for people who ask for more contrast.
pub const LIGHT_CONTRAST: Palette = Palette {
    text: "#000000",
    muted: "#2c3438",
    grid: "#aab4b8",
    series: ["#00508a", "#87104e", "#55691b", "#6658d2", "#3e0400", "#1e4200", "#090847"],
    ..LIGHT
};

/// On dark grey, for people who ask for more contrast.
pub const DARK_CONTRAST: Palette = Palette {
    text: "#ffffff",
    muted: "#c6d0d4",
    grid: "#566268",
    series: ["#7cc8f5", "#d59b9a", "#a6af23", "#a699ff", "#f6e839", "#1efaf9", "#b0d5a5"],
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

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// What eyes without one kind of cones, and such with all, make of linear red, green and blue: Machado, Oliveira and
    /// Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), at full severity.
    const EYES: [(&str, [[f64; 3]; 3]); 4] = [
        ("all", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "no red",
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ],
        ),
        (
            "no green",
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ],
        ),
        (
            "no blue",
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ],
        ),
    ];

    /// Least distance of two series in OKLab, where a step of 0.02 is just seen between neighbouring areas.
    const LEAST_DISTANCE: f64 = 0.065;

    fn linear(color: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let byte = u8::from_str_radix(&color[at..at + 2], 16).expect("six digits");
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn product(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }

    /// Ottosson, "A perceptual color space for image processing" (2020).
    fn oklab(linear: [f64; 3]) -> [f64; 3] {
        let cones = product(
            &[
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ],
            linear.map(|part| part.max(0.0)),
        );
        product(
            &[
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ],
            cones.map(f64::cbrt),
        )
    }

    /// WCAG 2.2, contrast ratio.
    fn contrast(a: &str, b: &str) -> f64 {
        let [a, b] = [a, b].map(|color| {
            let [red, green, blue] = linear(color);
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        });
        a.max(b) / a.min(b)
    }

    #[wasm_bindgen_test]
    fn everybody_can_see_every_series_and_tell_it_from_the_others() {
        for (name, palette, of_series, of_text) in [
            ("light", &LIGHT, 3.0, 4.5),
            ("dark", &DARK, 3.0, 4.5),
            ("light, more contrast", &LIGHT_CONTRAST, 4.5, 7.0),
            ("dark, more contrast", &DARK_CONTRAST, 4.5, 7.0),
        ] {
            for text in [palette.text, palette.muted] {
                let seen = contrast(text, palette.background);
                assert!(seen >= of_text, "{name}: text {text} has {seen:.2}");
            }
            for (index, color) in palette.series.iter().enumerate() {
                let seen = contrast(color, palette.background);
                assert!(seen >= of_series, "{name}: {color} has {seen:.2}");
                for other in &palette.series[..index] {
                    for (eyes, matrix) in &EYES {
                        let [a, b] = [color, other].map(|color| oklab(product(matrix, linear(color))));
                        let distance = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
                        assert!(
                            distance >= LEAST_DISTANCE,
                            "{name}, {eyes}: {color} and {other}: {distance:.3}"
                        );
                    }
                }
            }
            let light: Vec<f64> = palette.sequential.map(|color| oklab(linear(color))[0]).to_vec();
            let steps: Vec<f64> = light.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let one_way = steps.iter().all(|step| *step > 0.05) || steps.iter().all(|step| *step < -0.05);
            assert!(one_way, "{name}: {light:?}");
        }
    }
}
