//! The response headers that a static host would read from the site's `_headers`.
//!
//! Owns: the form of that file, as Netlify and Cloudflare Pages document it: a path pattern at the
//! start of a line, its headers indented below; `*` at the end matches anything.
//! Touches: nothing else.

/// The headers that `file` gives to `path`, in their order.
pub fn headers_for(file: &str, path: &str) -> Vec<(String, String)> {
    let mut matches = false;
    let mut headers = Vec::new();
    for line in file.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if !line.starts_with(char::is_whitespace) {
            matches = is_match(line.trim(), path);
        } else if matches && let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

fn is_match(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
        }
        None => pattern == path,
    }
}

#[cfg(test)]
mod tests {
    use super::headers_for;

    #[test]
    fn patterns_and_their_headers() {
        let file = "# all\n/*\n  A: 1\n\n/engine-*\n  B: x: y\n/\n  C: 3\n";
        let names = |path| headers_for(file, path).into_iter().map(|(name, _)| name).collect::<String>();
        assert_eq!(names("/"), "AC");
        assert_eq!(names("/engine-0/engine.js"), "AB");
        assert_eq!(names("/index.html"), "A");
        assert_eq!(headers_for(file, "/engine-0/")[1], ("B".to_owned(), "x: y".to_owned()));
    }
}
