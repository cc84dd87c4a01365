//! The page's texts: each has a translation with the same parameters, and each translation a text.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;

/// Where translations are.
const TABLE: &str = "src/ui/texts/zh.json";

/// The page.
const PAGE: &str = "src/ui/";

/// What stands before a text that people read.
const MACROS: &[&str] = &["t!(", "tf!(", "n!("];

/// In front of names of charts, which the table of charts has.
const CHARTS: &str = "chart|";

/// Attributes that people read or hear.
const ATTRIBUTES: &[&str] = &["aria-label", "aria-description", "placeholder", "title"];

/// What breaks the rules.
pub fn problems(sources: &[Source]) -> Vec<String> {
    let Some(table) = sources.iter().find(|source| source.path == TABLE) else { return Vec::new() };
    let table: BTreeMap<String, String> = match serde_json::from_str(&table.text) {
        Ok(table) => table,
        Err(error) => return vec![format!("{TABLE}: {error}")],
    };
    let mut problems = Vec::new();
    let mut used = BTreeSet::new();
    let of_page = |source: &&Source| source.path.starts_with(PAGE) && source.path.ends_with(".rs");
    for source in sources.iter().filter(of_page) {
        // Tests may say what they want.
        let text = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for english in texts(text) {
            match table.get(&english) {
                None => problems.push(format!("{}: no translation in {TABLE} of {english:?}", source.path)),
                Some(translation) if parameters(translation).is_subset(&parameters(&english)) => {}
                Some(translation) => {
                    problems
                        .push(format!("{TABLE}: {translation:?} has parameters that {english:?} has not"));
                }
            }
            used.insert(english);
        }
        if source.path.starts_with("src/ui/panels/") {
            let untranslated = untranslated(text).into_iter();
            problems.extend(untranslated.map(|(line, text)| {
                format!("{}:{line}: {text:?} is shown in English only: write t!(…)", source.path)
            }));
        }
    }
    let unused = table.keys().filter(|key| !used.contains(*key) && !key.starts_with(CHARTS));
    problems.extend(unused.map(|key| format!("{TABLE}: nobody says {key:?}")));
    problems
}

/// The texts that go through the macros.
fn texts(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for (at, _) in source.match_indices("!(") {
        let is_one = |call: &&&str| {
            let start = (at + 2).checked_sub(call.len());
            start.is_some_and(|start| {
                let before = source[..start].chars().next_back();
                source[start..].starts_with(**call)
                    && !before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_')
            })
        };
        if MACROS.iter().any(|call| is_one(&call)) {
            texts.extend(literal(source[at + 2..].trim_start()));
        }
    }
    texts
}

/// The text literal that a source begins with.
fn literal(source: &str) -> Option<String> {
    let mut letters = source.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                'n' => text.push('\n'),
                '\n' => {
                    // The text goes on with the next sign that is no space.
                    let rest = letters.as_str().trim_start();
                    letters = rest.chars();
                }
                other => text.push(other),
            },
            letter => text.push(letter),
        }
    }
}

/// The names in braces.
fn parameters(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Texts of views that are not translated, with their lines.
fn untranslated(source: &str) -> Vec<(usize, &str)> {
    let is_words = |text: &str| text.chars().filter(|sign| sign.is_ascii_alphabetic()).count() > 1;
    let mut found = Vec::new();
    let mut before = "";
    for (index, line) in source.lines().enumerate() {
        let code = line.trim();
        let mut add = |text: &'_ str| {
            let start = line.find(text).unwrap_or_default();
            found.push((index + 1, &line[start..start + text.len()]));
        };
        for attribute in ATTRIBUTES {
            if let Some((_, rest)) = code.split_once(&format!(" {attribute}=\""))
                && let Some((text, _)) = rest.split_once('"')
                && is_words(text)
            {
                add(text);
            }
        }
        let is_element = |text: &str| text.ends_with('>') && !text.ends_with("=>") && !text.ends_with("->");
        let node = code
            .split_once(">\"")
            .filter(|(start, _)| is_element(&format!("{start}>")))
            .map(|(_, rest)| rest);
        let alone = code.strip_prefix('"').filter(|_| is_element(before));
        for rest in node.into_iter().chain(alone) {
            if let Some((text, _)) = rest.split_once('"')
                && is_words(text)
            {
                add(text);
            }
        }
        before = code;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn texts_without_translation_and_the_reverse_are_found() {
        let page = source(
            "src/ui/panels/a.rs",
            "t!(\"One\") tf!(\n \"Two \\\n   {a}\", a = 1) at!(\"x\") n!(\"Say \\\"x\\\"\")",
        );
        let table = source(TABLE, r#"{"One": "一", "Two {a}": "二 {b}", "Old": "旧", "chart|Line": "线"}"#);
        let problems = problems(&[page, table]);
        let has = |words: &str| problems.iter().filter(|problem| problem.contains(words)).count();
        assert_eq!((has("no translation"), has("parameters"), has("nobody says")), (1, 1, 1), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains(r#"Say \"x\""#)));
    }

    #[test]
    fn texts_of_views_are_translated() {
        let view = "<p title=\"So it is\">\"Hello you\"</p>\n<b>\n  \"And so on\"\n</b>\n<i>{t!(\"fine\")}</i>\n\
                    match a { 1 => \"no view\", _ =>\n \"nor this\" }\n<kbd>\"S\"</kbd>";
        let found: Vec<_> =
            untranslated(view).into_iter().map(|(line, text)| format!("{line} {text}")).collect();
        assert_eq!(found, ["1 So it is", "1 Hello you", "3 And so on"]);
    }
}
