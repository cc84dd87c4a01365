//! Rules that hold for each file by itself.
//!
//! Owns: length, opening comment, open ends, machine paths, clocks in the engine.
//! Touches: nothing else.

use super::Source;

/// Above this a file of Rust has more than one subject.
const MAX_LINES: usize = 500;

/// Tests are read one by one, so a file of them may be longer.
const MAX_LINES_OF_TESTS: usize = 800;

/// What the engine must not name: it has no browser and no clock, so that its tests decide all it sees.
const NOT_IN_ENGINE: &[&str] =
    &["web_sys", "js_sys", "wasm_bindgen", "Instant::now", "SystemTime", "Utc::now", "Local::now"];

/// Marks of work left open. Written in halves, or this file would break its own rule.
const OPEN_ENDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// The first folders of paths that exist on one machine only.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "Users", "work"];

/// Every rule that a file breaks.
pub fn problems(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if source.path.ends_with(".rs") {
        found.extend(length(source));
        found.extend(opening(source));
        found.extend(clocks(source));
    }
    if !source.path.ends_with("-lock.json") && !source.path.ends_with(".lock") {
        found.extend(open_ends(source));
        found.extend(machine_paths(source));
    }
    found
}

fn length(source: &Source) -> Option<String> {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let is_test = source.path.starts_with("tests/") || source.path.contains("/tests/") || name == "tests.rs";
    let limit = if is_test { MAX_LINES_OF_TESTS } else { MAX_LINES };
    let lines = source.text.lines().count();
    (lines > limit).then(|| format!("{}: {lines} lines; {limit} are the limit, split it", source.path))
}

fn opening(source: &Source) -> Option<String> {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let must_open = matches!(name, "lib.rs" | "main.rs" | "mod.rs");
    (must_open && !source.text.starts_with("//!"))
        .then(|| format!("{}: must open with `//!`, saying what it owns and touches", source.path))
}

fn clocks(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/engine/") {
        return Vec::new();
    }
    each_line(source, |line| {
        let word = NOT_IN_ENGINE.iter().find(|word| line.contains(*word))?;
        Some(format!("the engine must not use {word}"))
    })
}

fn open_ends(source: &Source) -> Vec<String> {
    each_line(source, |line| {
        let mark = OPEN_ENDS.iter().find(|mark| has_word(line, mark))?;
        (!line.contains("ROADMAP")).then(|| format!("{mark} belongs into ROADMAP.md"))
    })
}

fn machine_paths(source: &Source) -> Vec<String> {
    each_line(source, |line| {
        let is_machine_path = |folder: &&str| {
            let path = format!("/{folder}/");
            line.match_indices(&path).any(|(at, _)| {
                // Behind a name it is the middle of a longer path or of an address.
                let before = line[..at].chars().next_back();
                !before.is_some_and(|before| before.is_alphanumeric() || "._-~*}>)/".contains(before))
            })
        };
        let folder = MACHINE_FOLDERS.iter().find(|folder| is_machine_path(folder))?;
        Some(format!("a path that begins with /{folder} exists on one machine only"))
    })
}

fn each_line(source: &Source, rule: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let numbered = source.text.lines().enumerate();
    numbered
        .filter_map(|(index, line)| Some(format!("{}:{}: {}", source.path, index + 1, rule(line)?)))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|character: char| !character.is_alphanumeric() && character != '_').any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, MAX_LINES_OF_TESTS, problems};
    use crate::tidy::Source;

    fn count(path: &str, text: &str) -> usize {
        problems(&Source { path: path.to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn length_of_files() {
        let lines = |count| "\n".repeat(count);
        assert_eq!(count("src/ui/a.rs", &lines(MAX_LINES)), 0);
        assert_eq!(count("src/ui/a.rs", &lines(MAX_LINES + 1)), 1);
        assert_eq!(count("src/ui/a/tests.rs", &lines(MAX_LINES + 1)), 0);
        assert_eq!(count("tests/a.rs", &lines(MAX_LINES_OF_TESTS + 1)), 1);
        assert_eq!(count("www/a.js", &lines(MAX_LINES_OF_TESTS + 1)), 0);
    }

    #[test]
    fn opening_comment() {
        assert_eq!(count("src/ui/mod.rs", "use a;"), 1);
        assert_eq!(count("src/ui/mod.rs", "//! Owns: a."), 0);
        assert_eq!(count("src/ui/other.rs", "use a;"), 0);
    }

    #[test]
    fn no_clock_in_the_engine() {
        assert_eq!(count("src/engine/job.rs", "let start = Instant::now();"), 1);
        assert_eq!(count("src/cli/run.rs", "let start = Instant::now();"), 0);
    }

    #[test]
    fn open_ends_go_to_the_roadmap() {
        assert_eq!(count("a.js", concat!("// TO", "DO: later")), 1);
        assert_eq!(count("a.js", concat!("// TO", "DO: see ROADMAP.md")), 0);
        assert_eq!(count("a.js", concat!("let TO", "DOS = 1;")), 0);
    }

    #[test]
    fn machine_paths() {
        let path = |start: &str, folder: &str| format!("see {start}/{folder}/someone/x");
        assert_eq!(count("a.md", &path("", "home")), 1);
        assert_eq!(count("a.md", &path("\"", "root")), 1);
        assert_eq!(count("a.md", &path("https://example.org", "work")), 0);
    }
}
