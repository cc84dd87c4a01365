//! Which crate may depend on which.
//!
//! Owns: the allowed edges between the crates of the workspace, and what the engine must not use.
//! Touches: the output of `cargo metadata`.

use serde_json::Value;

/// What each crate may depend on inside the workspace. Tests may use every library.
const ALLOWED: &[(&str, &[&str])] = &[
    ("millrace-protocol", &[]),
    ("millrace-engine", &["millrace-protocol"]),
    ("millrace-worker", &["millrace-engine", "millrace-protocol"]),
    ("millrace-cli", &["millrace-engine", "millrace-protocol"]),
    ("millrace-recipe", &["millrace-protocol"]),
    ("millrace-ui", &["millrace-protocol", "millrace-recipe"]),
    ("millrace-tests", &["millrace-engine", "millrace-protocol"]),
    ("xtask", &[]),
];

/// The engine runs natively in its tests, so it must not know a browser.
const NOT_IN_ENGINE: &[&str] = &["web-sys", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "gloo"];

/// Every dependency that is not allowed.
pub fn problems(metadata: &Value) -> Vec<String> {
    // Crates of the workspace have no source.
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let packages: Vec<&Value> = packages.iter().filter(|package| package["source"].is_null()).collect();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut problems = Vec::new();
    if names.is_empty() {
        problems.push("cargo metadata lists no crate of the workspace".to_owned());
    }
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            problems.push(format!("the crate {name} has no allowed edges in xtask/src/tidy/edges.rs"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        for dependency in dependencies.iter().filter_map(|dependency| dependency["name"].as_str()) {
            let is_forbidden_edge = names.contains(&dependency) && !allowed.contains(&dependency);
            let is_browser = name == "millrace-engine" && NOT_IN_ENGINE.contains(&dependency);
            if is_forbidden_edge || is_browser {
                problems
                    .push(format!("{name} must not depend on {dependency} (ARCHITECTURE.md, allowed edges)"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::problems;

    fn package(name: &str, dependencies: &[&str]) -> serde_json::Value {
        let dependencies: Vec<_> = dependencies.iter().map(|name| json!({ "name": name })).collect();
        json!({ "name": name, "dependencies": dependencies })
    }

    #[test]
    fn forbidden_edges_are_found() {
        let metadata = |engine: &[&str]| json!({ "packages": [package("millrace-engine", engine), package("millrace-ui", &["leptos"])] });
        assert_eq!(problems(&metadata(&["datafusion"])), [""; 0]);
        assert_eq!(problems(&metadata(&["millrace-ui"])).len(), 1);
        assert_eq!(problems(&metadata(&["web-sys"])).len(), 1);
    }

    #[test]
    fn a_new_crate_must_be_listed() {
        assert_eq!(problems(&json!({ "packages": [package("millrace-new", &[])] })).len(), 1);
        assert_eq!(problems(&json!({})).len(), 1);
    }
}
