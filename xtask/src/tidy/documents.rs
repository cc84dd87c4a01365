//! Documents that list what exists.
//!
//! Owns: that the code map has every folder of `src/`, that paths in documents exist, and that the
//! README describes the whole page API. Touches: the file system, read only.

use std::collections::BTreeSet;
use std::path::Path;

use super::Source;

/// Paths in documents that begin with one of these are ours.
const OUR_FOLDERS: &[&str] = &["src/", "www/", "tests/", "xtask/", ".ci/"];

const PAGE_API: &str = "src/ui/page_api.rs";

/// Every list that lacks something, and every path that leads nowhere.
pub fn problems(sources: &[Source], root: &Path) -> Vec<String> {
    let text_of =
        |path: &str| sources.iter().find(|source| source.path == path).map(|source| source.text.as_str());
    let mut found = code_map(text_of("ARCHITECTURE.md").unwrap_or_default(), sources);
    for source in sources.iter().filter(|source| source.path.ends_with(".md")) {
        found.extend(dead_paths(source, |path| root.join(path).exists()));
    }
    if let Some(api) = text_of(PAGE_API) {
        found.extend(page_api(api, text_of("README.md").unwrap_or_default()));
    }
    found
}

/// Each crate must be named as `src/<crate>`, each folder of the engine as `<folder>/`.
fn code_map(architecture: &str, sources: &[Source]) -> Vec<String> {
    let mut wanted = BTreeSet::new();
    for source in sources {
        let parts: Vec<&str> = source.path.split('/').collect();
        if let ["src", name, _, ..] = parts.as_slice() {
            wanted.insert(format!("`src/{name}`"));
        }
        if let ["src", "engine", folder, _, ..] = parts.as_slice() {
            wanted.insert(format!("`{folder}/`"));
        }
    }
    let missing = wanted.into_iter().filter(|name| !architecture.contains(name));
    missing.map(|name| format!("ARCHITECTURE.md: the code map lacks {name}")).collect()
}

/// Paths in backticks that should exist and do not. Those with a placeholder are not looked up.
fn dead_paths(document: &Source, exists: impl Fn(&str) -> bool) -> Vec<String> {
    // Every second part between backticks is a span of code.
    let spans = document.text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| OUR_FOLDERS.iter().any(|folder| span.starts_with(folder)))
        .filter(|span| !span.contains(['<', '*', '{', ' ', '…']) && !exists(span))
        .map(|span| format!("{}: there is no {span}", document.path))
        .collect()
}

/// Members of `window.millrace` are put in place by calls with `&api` and their name.
fn page_api(source: &str, readme: &str) -> Vec<String> {
    let names = source.split("(&api, \"").skip(1).filter_map(|rest| rest.split('"').next());
    names
        .filter(|name| !readme.contains(&format!("millrace.{name}")))
        .map(|name| format!("README.md: millrace.{name} is not described"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{code_map, dead_paths, page_api};
    use crate::tidy::Source;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn code_map_lists_crates_and_folders() {
        let sources = [source("src/cli/main.rs", ""), source("src/engine/sql/mod.rs", "")];
        assert_eq!(code_map("`src/cli` `src/engine` `sql/`", &sources), [""; 0]);
        assert_eq!(code_map("`src/cli`", &sources).len(), 2);
    }

    #[test]
    fn paths_must_exist() {
        let document = source("A.md", "see `src/a.rs`, `src/b.rs`, `src/<c>.rs` and `cargo test`");
        assert_eq!(dead_paths(&document, |path| path == "src/a.rs"), ["A.md: there is no src/b.rs"]);
    }

    #[test]
    fn api_is_described() {
        let api = "set(&api, \"ready\", x); method2(&api, \"tables\", y);";
        assert_eq!(page_api(api, "await millrace.ready"), ["README.md: millrace.tables is not described"]);
    }
}
