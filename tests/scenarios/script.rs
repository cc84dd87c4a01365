//! The form of scenario files, both ways.

use std::fmt;

use millrace_protocol::ErrorInfo;

/// A scenario file.
pub struct Script {
    /// Comment at the top.
    head: String,
    /// Names and texts of the tables; a name may have the ending of its file.
    pub tables: Vec<(String, String)>,
    /// Queries and what they give.
    pub cases: Vec<Case>,
}

/// A query and what it gives.
pub struct Case {
    /// One statement.
    pub sql: String,
    /// What must come out.
    pub expected: Expected,
}

/// An outcome.
#[derive(PartialEq, Eq)]
pub enum Expected {
    /// A result as CSV lines, the header first.
    Rows {
        /// Whether the order of rows is part of it.
        ordered: bool,
        /// The lines; sorted behind the header when not ordered.
        lines: Vec<String>,
    },
    /// A failure.
    Error {
        /// Its kind.
        kind: String,
        /// Message, hint and place.
        lines: Vec<String>,
    },
}

impl Expected {
    /// The outcome that this CSV text is. A line end inside quotes is written as `⏎`.
    pub fn rows(csv: &str, unordered: bool) -> Self {
        let mut quoted = false;
        let text: String = csv
            .chars()
            .map(|c| {
                quoted ^= c == '"';
                if c == '\n' && quoted { '⏎' } else { c }
            })
            .collect();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if unordered && !lines.is_empty() {
            lines[1..].sort();
        }
        Self::Rows { ordered: !unordered, lines }
    }

    /// The outcome that this failure is.
    pub fn error(info: &ErrorInfo) -> Self {
        let mut lines = vec![info.message.clone()];
        lines.extend(info.hint.clone());
        lines.extend(
            info.position
                .map(|at| format!("at {}:{} to {}:{}", at.line, at.column, at.end_line, at.end_column)),
        );
        let lines = lines.iter().flat_map(|line| line.lines()).map(str::to_owned).collect();
        Self::Error { kind: format!("{:?}", info.kind), lines }
    }
}

impl Script {
    /// Reads a scenario.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self { head: String::new(), tables: Vec::new(), cases: Vec::new() };
        let mut sections = text.split("--- ");
        script.head = sections.next().unwrap_or_default().to_owned();
        for section in sections {
            let (title, body) = section.split_once('\n').ok_or("a section without a line")?;
            let lines = || body.trim_end().lines().map(str::to_owned).collect::<Vec<_>>();
            match title.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["table", name] => {
                    script.tables.push(((*name).to_owned(), body.trim_end_matches('\n').to_owned() + "\n"))
                }
                ["query"] => script.cases.push(Case {
                    sql: body.trim().to_owned(),
                    expected: Expected::Rows { ordered: true, lines: Vec::new() },
                }),
                ["rows", order @ ..] => {
                    let case = script.cases.last_mut().ok_or("rows before a query")?;
                    let ordered = order.is_empty();
                    let mut lines = lines();
                    if !ordered && !lines.is_empty() {
                        lines[1..].sort();
                    }
                    case.expected = Expected::Rows { ordered, lines };
                }
                ["error", kind] => {
                    let case = script.cases.last_mut().ok_or("an error before a query")?;
                    case.expected = Expected::Error { kind: (*kind).to_owned(), lines: lines() };
                }
                _ => return Err(format!("no section is called '{title}'")),
            }
        }
        Ok(script)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.head)?;
        for (name, text) in &self.tables {
            writeln!(formatter, "--- table {name}\n{text}")?;
        }
        let cases: Vec<String> = self
            .cases
            .iter()
            .map(|case| format!("--- query\n{}\n--- {}\n", case.sql, case.expected))
            .collect();
        write!(formatter, "{}", cases.join("\n"))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (title, lines) = match self {
            Self::Rows { ordered: true, lines } => ("rows".to_owned(), lines),
            Self::Rows { ordered: false, lines } => ("rows unordered".to_owned(), lines),
            Self::Error { kind, lines } => (format!("error {kind}"), lines),
        };
        write!(formatter, "{title}\n{}", lines.join("\n"))
    }
}
