//! What may come into the site: licences and origins of all dependencies.
//!
//! Owns: reading deny.toml's list of allowed licences, and SPDX expressions as far as crates use
//! them. Touches: the output of `cargo metadata`.
//!
//! cargo-deny checks the same and more, but takes minutes to install; this runs on every change.

use serde_json::Value;

/// Where crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every dependency with a licence or an origin that deny.toml does not allow.
pub fn problems(metadata: &Value, deny: &str) -> Vec<String> {
    let allowed = allowed_licences(deny);
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut problems = Vec::new();
    for package in packages {
        let name = format!(
            "{} {}",
            package["name"].as_str().unwrap_or_default(),
            package["version"].as_str().unwrap_or_default()
        );
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence, &allowed) {
            problems.push(format!("{name}: deny.toml does not allow its licence, `{licence}`"));
        }
        if let Some(source) = package["source"].as_str()
            && source != REGISTRY
        {
            problems.push(format!("{name}: comes from {source}, not from crates.io"));
        }
    }
    problems
}

/// The strings of `allow = [ … ]` below `[licenses]`.
fn allowed_licences(deny: &str) -> Vec<&str> {
    let list = deny
        .split_once("[licenses]")
        .and_then(|(_, rest)| rest.split_once("allow = ["))
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).collect()
}

/// Whether an SPDX expression can be met. AND binds stronger than OR; `/` is the old form of OR.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    // Without its innermost parentheses, replaced by a licence that stands for their result.
    if let Some(end) = expression.find(')')
        && let Some(start) = expression[..end].rfind('(')
    {
        let inner = is_allowed(&expression[start + 1..end], allowed);
        let result = if inner { allowed.first().copied().unwrap_or_default() } else { "none" };
        let outer = format!("{}{result}{}", &expression[..start], &expression[end + 1..]);
        return is_allowed(&outer, allowed);
    }
    let alternatives = expression.split(" OR ").flat_map(|part| part.split('/'));
    alternatives
        .into_iter()
        .any(|alternative| alternative.split(" AND ").all(|licence| allowed.contains(&licence.trim())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{REGISTRY, allowed_licences, is_allowed, problems};

    const DENY: &str = "[graph]\n[licenses]\nallow = [\n  \"MIT\",\n  \"Unicode-3.0\",\n]\n[bans]\n";

    #[test]
    fn expressions() {
        let allowed = allowed_licences(DENY);
        assert_eq!(allowed, ["MIT", "Unicode-3.0"]);
        for expression in [
            "MIT",
            "GPL-3.0 OR MIT",
            "Unlicense/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "MIT AND Unicode-3.0",
        ] {
            assert!(is_allowed(expression, &allowed), "{expression}");
        }
        for expression in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR GPL-2.0) AND MIT"] {
            assert!(!is_allowed(expression, &allowed), "{expression}");
        }
    }

    #[test]
    fn licence_and_origin() {
        let package = |license: &str, source: &str| json!({ "packages": [{ "name": "a", "version": "1.0.0", "license": license, "source": source }] });
        assert_eq!(problems(&package("MIT", REGISTRY), DENY), [""; 0]);
        assert_eq!(problems(&package("GPL-3.0", REGISTRY), DENY).len(), 1);
        assert_eq!(problems(&package("MIT", "git+https://example.org/a"), DENY).len(), 1);
    }
}
