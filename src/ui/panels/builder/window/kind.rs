//! The kinds of windows: their lengths, and which lengths do not go together.

/// Most windows that hold one row.
const MOST_WINDOWS: i64 = 100_000;

/// A kind of window.
#[derive(Debug)]
pub struct WindowKind {
    /// Name of its table function.
    pub function: &'static str,
    /// What people choose.
    pub label: &'static str,
    /// What its windows are.
    pub meaning: &'static str,
    /// Its lengths, in the order of the call.
    pub parameters: &'static [Parameter],
    /// Whether rows have windows of their own for each combination of keys.
    pub has_keys: bool,
    /// Whether windows can follow the calendar of a time zone, and last months.
    pub has_calendar: bool,
    /// Whether the end of a window does not follow from the ones before it, so that people want to see it.
    pub(super) shows_end: bool,
    pub(super) check: Check,
}

/// What is wrong with lengths of one unit that are right each by itself, and with which of them.
pub(super) type Check = fn(&dyn Fn(Parameter) -> i64) -> Option<(Parameter, String)>;

/// All kinds, in the order in which they are offered.
pub const WINDOW_KINDS: &[WindowKind] = &[
    WindowKind {
        function: "TUMBLE",
        label: "tumbling",
        meaning: n!("One after the other: each row is in one."),
        parameters: &[Parameter::Size, Parameter::Offset],
        has_keys: false,
        has_calendar: true,
        shows_end: false,
        check: |_| None,
    },
    WindowKind {
        function: "HOP",
        label: "hopping",
        meaning: n!("One starts every slide, so they overlap."),
        parameters: &[Parameter::Slide, Parameter::Size, Parameter::Offset],
        has_keys: false,
        has_calendar: true,
        shows_end: true,
        check: |millis| {
            let (slide, size) = (millis(Parameter::Slide), millis(Parameter::Size));
            let larger = "Larger than the size: rows between windows would be lost.";
            let problem = if slide > size { Some(larger.to_owned()) } else { too_many(slide, size) };
            problem.map(|problem| (Parameter::Slide, problem))
        },
    },
    WindowKind {
        function: "CUMULATE",
        label: "cumulating",
        meaning: n!("They start together and grow step by step."),
        parameters: &[Parameter::Step, Parameter::Size, Parameter::Offset],
        has_keys: false,
        has_calendar: true,
        shows_end: true,
        check: |millis| {
            let (step, size) = (millis(Parameter::Step), millis(Parameter::Size));
            if size % step != 0 {
                return Some((Parameter::Size, t!("No multiple of the step.").to_owned()));
            }
            too_many(step, size).map(|problem| (Parameter::Step, problem))
        },
    },
    WindowKind {
        function: "SESSION",
        label: "session",
        meaning: n!("Rows that follow each other without a gap."),
        parameters: &[Parameter::Gap],
        has_keys: true,
        has_calendar: false,
        shows_end: true,
        check: |_| None,
    },
    WindowKind {
        function: "COUNT_WINDOW",
        label: "of rows",
        meaning: n!("So many rows each, in the order of their time."),
        parameters: &[Parameter::Rows, Parameter::Every],
        has_keys: true,
        has_calendar: false,
        shows_end: true,
        check: |rows| {
            let (every, rows) = (rows(Parameter::Every), rows(Parameter::Rows));
            let larger = "Larger than the size: rows between windows would be lost.";
            let problem = if every > rows { Some(larger.to_owned()) } else { too_many(every, rows) };
            problem.map(|problem| (Parameter::Every, problem))
        },
    },
];

/// A length that kinds of windows take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// How long a window is at most.
    Size,
    /// From the start of a window to the start of the next one.
    Slide,
    /// From the end of a window to the end of the next one.
    Step,
    /// How long nothing happens between sessions.
    Gap,
    /// How far windows are moved; may be left out, zero or negative.
    Offset,
    /// How many rows a window has.
    Rows,
    /// How many rows stand between the starts of windows; as many as a window has when left out.
    Every,
}

impl PartialEq for WindowKind {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

impl Parameter {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Slide => "slide",
            Self::Step => "step",
            Self::Gap => "gap",
            Self::Offset => "offset",
            Self::Rows => "rows",
            Self::Every => "every",
        }
    }

    /// Whether it counts rows, and no time.
    pub fn counts_rows(self) -> bool {
        matches!(self, Self::Rows | Self::Every)
    }

    /// What stands in its field when it is empty.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Offset => "0",
            Self::Every => "as many",
            _ => "number",
        }
    }

    /// Whether units of the calendar can be meant.
    pub fn takes_months(self) -> bool {
        !matches!(self, Self::Gap)
    }
}

/// More windows for one row than the engine makes.
fn too_many(step: i64, size: i64) -> Option<String> {
    let most = (size - 1) / step + 1;
    (most > MOST_WINDOWS).then(|| {
        tf!(
            "Each row would be in {most} windows; {MOST_WINDOWS} are possible.",
            most = most,
            MOST_WINDOWS = MOST_WINDOWS
        )
    })
}
