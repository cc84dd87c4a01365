//! Line icons in a box of 24 by 24, drawn in the colour of the text around them.

use leptos::prelude::*;

/// A decorative icon: `path` is one of this file's constants. What it stands for is told by the text or
/// label beside it.
#[component]
pub fn Icon(
    /// Path data.
    path: &'static str,
    /// Classes, for the size.
    #[prop(default = "size-4")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg
            class=class
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=path/>
        </svg>
    }
}

/// Waves of water: the mark of the project.
pub const WAVES: &str = "M3 7q3-3 6 0t6 0 6 0M3 12.5q3-3 6 0t6 0 6 0M3 18q3-3 6 0t6 0 6 0";
/// A sun.
pub const SUN: &str = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4";
/// Three lines, for a menu.
pub const MENU: &str = "M4 7h16M4 12h16M4 17h16";
/// A dial with a pointer.
pub const GAUGE: &str = "M4.5 18a9 9 0 1 1 15 0M12 14l4-5M12 13a1 1 0 1 0 0 2 1 1 0 0 0 0-2";
/// A plus sign.
pub const PLUS: &str = "M12 5v14M5 12h14";
/// Two sheets, to copy.
pub const COPY: &str = "M9 9h11v11H9zM5 15H4V4h11v1";
/// An arrow that turns back.
pub const UNDO: &str = "M8 5L3.5 9.5 8 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-3";
/// An arrow that turns forward.
pub const REDO: &str = "M16 5l4.5 4.5L16 14M20 9.5H10a5.5 5.5 0 0 0 0 11h3";
/// Two links of a chain.
pub const LINK: &str = "M10 14a4.5 4.5 0 0 0 6.5.3l3-3a4.5 4.5 0 0 0-6.4-6.4l-1.2 1.2M14 10a4.5 4.5 0 0 0-6.5-.3l-3 3a4.5 4.5 0 0 0 6.4 6.4l1.2-1.2";
/// A magnifying glass.
pub const SEARCH: &str = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20.5 20.5";
/// A keyboard.
pub const KEYBOARD: &str = "M3 6.5h18v11H3zM6.5 10h.1M10 10h.1M13.5 10h.1M17 10h.1M8 14h8";
/// A sheet with a fold.
pub const FILE: &str = "M6 3.5h8l4 4v13H6zM14 3.5v4h4";
/// A cross, to close.
pub const CLOSE: &str = "M6 6l12 12M18 6L6 18";
/// A waste bin.
pub const REMOVE: &str = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5";
/// An arrow into a tray.
pub const DROP: &str = "M12 4v11M7.5 10.5L12 15l4.5-4.5M4 16v4h16v-4";
/// A triangle, to run.
pub const RUN: &str = "M7 5l12 7-12 7z";
/// Two bars, to pause.
pub const PAUSE: &str = "M8.5 6v12M15.5 6v12";
/// Lines that run on behind a point, for what does not end.
pub const STREAM: &str = "M3 8h9M3 16h9M3 12h14M17 8l4 4-4 4";
/// A square, to stop.
pub const STOP: &str = "M7 7h10v10H7z";
/// A clock running back.
pub const HISTORY: &str = "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.8";
/// A triangle with an exclamation mark.
pub const WARNING: &str = "M12 4L2.8 20h18.4zM12 10v4.5M12 17.3v.1";
/// A circle with an exclamation mark.
pub const ERROR: &str = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5v5.5M12 16.3v.1";
/// A padlock.
pub const LOCK: &str = "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11";
/// Three rows of a table.
pub const TABLE: &str = "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9";
/// A chevron down.
pub const DOWN: &str = "M6 9.5l6 6 6-6";
/// A spark, for the sample.
pub const SPARK: &str = "M12 3l2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z";
/// Angle brackets, for code.
pub const CODE: &str = "M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5";
/// A line in a chart.
pub const CHART: &str = "M4 4v16h16M7.5 15l3.5-4.5 3 2.5 5-7";
/// Bars of a histogram.
pub const BARS: &str = "M4 20h16M6 20v-6M10 20V8M14 20V4M18 20v-9";
/// Sliders, for the builder.
pub const SLIDERS: &str = "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h7M15 17h5M13 15v4";

/// A letter A, for texts.
pub const TYPE_TEXT: &str = "M5 19l7-14 7 14M8 14h8";
/// A number sign.
pub const TYPE_NUMBER: &str = "M9.5 4l-2 16M16.5 4l-2 16M4.5 9h16M3.5 15h16";
/// A calendar.
pub const TYPE_TIME: &str = "M4 6h16v14H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4";
/// A switch.
pub const TYPE_BOOL: &str =
    "M8 7h8a5 5 0 0 1 0 10H8A5 5 0 0 1 8 7M16 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3";
/// Braces, for everything else.
pub const TYPE_OTHER: &str =
    "M9 4q-3 0-3 3v2q0 3-2.5 3Q6 12 6 15v2q0 3 3 3M15 4q3 0 3 3v2q0 3 2.5 3Q18 12 18 15v2q0 3-3 3";

/// The icon of an SQL type.
pub fn of_type(type_name: &str) -> &'static str {
    let name = type_name.split('(').next().unwrap_or_default().trim();
    match name {
        "VARCHAR" | "TEXT" | "CHAR" => TYPE_TEXT,
        "BOOLEAN" => TYPE_BOOL,
        _ if name.starts_with("TIMESTAMP") || matches!(name, "DATE" | "TIME" | "INTERVAL") => TYPE_TIME,
        _ if is_number(type_name) => TYPE_NUMBER,
        _ => TYPE_OTHER,
    }
}

/// Whether values of an SQL type are numbers.
pub fn is_number(type_name: &str) -> bool {
    let name = type_name.split([' ', '(']).next().unwrap_or_default();
    matches!(
        name,
        "BIGINT"
            | "INTEGER"
            | "INT"
            | "SMALLINT"
            | "TINYINT"
            | "UBIGINT"
            | "DOUBLE"
            | "REAL"
            | "FLOAT"
            | "DECIMAL"
            | "NUMERIC"
    )
}
/// Fields of different sizes, for the dashboard.
pub const BOARD: &str = "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z";
/// Six points to take hold of.
pub const GRIP: &str = "M9 6h.1M15 6h.1M9 12h.1M15 12h.1M9 18h.1M15 18h.1";
/// Two lines across a corner.
pub const CORNER: &str = "M20 9L9 20M20 15l-5 5";
/// An arrow back.
pub const BACK: &str = "M11 6l-6 6 6 6M5.5 12H19";
/// A globe, for languages.
pub const LANGUAGE: &str =
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3.5 9h17M3.5 15h17M12 3c-5 5.5-5 12.5 0 18M12 3c5 5.5 5 12.5 0 18";
