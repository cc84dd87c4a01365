//! The content security policy of the page.
//!
//! Owns: what the page may load and connect to. Touches: the finished index.html.
//!
//! It is what makes a browser enforce that no byte of a user's file leaves the page: connections
//! go to the site itself only. It travels in three ways, because no one of them reaches everything:
//! as a meta element (the page, on any host), as a header from `_headers` (page and workers, on
//! hosts that read that file), and as a header from the service worker (workers, on other hosts).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Directives that hold for page and workers. The script sources get the digests of inline scripts.
const DIRECTIVES: &[(&str, &str)] = &[
    ("default-src", "'none'"),
    ("script-src", "'self' 'wasm-unsafe-eval'"),
    // The editor and the charts set style attributes and add style elements.
    ("style-src", "'self' 'unsafe-inline'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self' data:"),
    ("connect-src", "'self' blob: data:"),
    // The thread pool starts its workers from a blob.
    ("worker-src", "'self' blob:"),
    ("manifest-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
];

/// The policy for a page with these inline scripts; without any it is the one for workers.
pub fn policy(inline_scripts: &[&str]) -> String {
    let digests: String = inline_scripts
        .iter()
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))))
        .collect();
    let directive = |(name, sources): &(&str, &str)| {
        let digests = if *name == "script-src" { digests.as_str() } else { "" };
        format!("{name} {sources}{digests}")
    };
    DIRECTIVES.iter().map(directive).collect::<Vec<_>>().join("; ")
}

/// The contents of all script elements that have no `src`.
pub fn inline_scripts(html: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else { break };
        let Some((content, after)) = after.split_once("</script>") else { break };
        if !attributes.split_whitespace().any(|word| word.starts_with("src=")) {
            scripts.push(content);
        }
        rest = after;
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::{inline_scripts, policy};

    #[test]
    fn finds_inline_scripts_only() {
        let html = "<script src=\"a.js\"></script><script type=\"module\">\nlet a = 1;\n</script>\
                    <script>b</script>";
        assert_eq!(inline_scripts(html), ["\nlet a = 1;\n", "b"]);
    }

    #[test]
    fn digest_as_browsers_compute_it() {
        // The example of the Content Security Policy specification, level 3.
        let policy = policy(&["doSomething();"]);
        assert!(policy.contains("'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"), "{policy}");
    }
}
