//! A small HTTP server for static files.
//!
//! Owns: requests, ranges, media types, answers. Touches: the files of a site, read only.
//!
//! It is for one person's browser on the same machine: a thread per connection, and no more of
//! HTTP/1.1 than browsers use for files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::headers::headers_for;

/// A connection without requests for this long is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// What is given out, and how.
#[derive(Debug)]
pub struct Site {
    /// The folder of the files.
    pub folder: PathBuf,
    /// The path below which they are found, with slashes around it.
    pub base: String,
    /// Whether the headers of the site's `_headers` are sent.
    pub with_headers: bool,
}

/// Answers connections until the listener fails.
pub fn answer(listener: &TcpListener, site: &Arc<Site>) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { continue };
        let site = Arc::clone(site);
        std::thread::spawn(move || {
            // A browser that goes away in the middle of an answer is nothing to report.
            let _ = converse(&site, connection);
        });
    }
}

/// What is read of a request.
#[derive(Debug, Default)]
struct Request {
    method: String,
    path: String,
    range: Option<String>,
    if_none_match: Option<String>,
    closes: bool,
}

fn converse(site: &Site, connection: TcpStream) -> Result<()> {
    connection.set_read_timeout(Some(IDLE_LIMIT))?;
    connection.set_nodelay(true)?;
    let mut writer = connection.try_clone()?;
    let mut reader = BufReader::new(connection);
    while let Some(request) = read_request(&mut reader)? {
        respond(site, &request, &mut writer)?;
        if request.closes {
            break;
        }
    }
    Ok(())
}

fn read_request(reader: &mut impl BufRead) -> Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(Some(request));
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "range" => request.range = Some(value.to_owned()),
            "if-none-match" => request.if_none_match = Some(value.to_owned()),
            "connection" => request.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
}

fn respond(site: &Site, request: &Request, writer: &mut impl Write) -> Result<()> {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return write_text(
            writer,
            request,
            "405 Method Not Allowed",
            "only GET and HEAD are answered here\n",
        );
    }
    let Some((path, file)) = locate(site, &request.path) else {
        return write_text(writer, request, "404 Not Found", "there is no such file\n");
    };
    let mut content = File::open(&file).with_context(|| format!("cannot open {}", file.display()))?;
    let metadata = content.metadata()?;
    let total_bytes = metadata.len();
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let tag = format!("\"{:x}-{:x}\"", modified.as_nanos(), total_bytes);
    let mut headers = vec![
        ("Content-Type".to_owned(), media_type(&file).to_owned()),
        ("Accept-Ranges".to_owned(), "bytes".to_owned()),
        ("ETag".to_owned(), tag.clone()),
        ("Cache-Control".to_owned(), "no-cache".to_owned()),
    ];
    if site.with_headers {
        let file = std::fs::read_to_string(site.folder.join("_headers")).unwrap_or_default();
        for (name, value) in headers_for(&file, &path) {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            headers.push((name, value));
        }
    }
    if request.if_none_match.as_deref() == Some(&tag) {
        return write_head(writer, "304 Not Modified", &headers, 0);
    }
    let range = request.range.as_deref().map(|range| parse_range(range, total_bytes));
    let (status, start, bytes) = match range {
        None | Some(Range::Ignored) => ("200 OK", 0, total_bytes),
        Some(Range::Bytes { start, end }) => {
            headers.push(("Content-Range".to_owned(), format!("bytes {start}-{}/{total_bytes}", end - 1)));
            ("206 Partial Content", start, end - start)
        }
        Some(Range::Outside) => {
            headers.push(("Content-Range".to_owned(), format!("bytes */{total_bytes}")));
            return write_head(writer, "416 Range Not Satisfiable", &headers, 0);
        }
    };
    write_head(writer, status, &headers, bytes)?;
    if request.method == "GET" {
        content.seek(SeekFrom::Start(start))?;
        std::io::copy(&mut content.take(bytes), writer)?;
    }
    Ok(())
}

/// The site's path and file for the path of a request; none when there is no such file.
fn locate(site: &Site, path: &str) -> Option<(String, PathBuf)> {
    let inner = decode(path.strip_prefix(&site.base)?)?;
    if inner.split('/').any(|part| part == "..") {
        return None;
    }
    let is_folder = inner.is_empty() || inner.ends_with('/');
    let file = site.folder.join(&inner).join(if is_folder { "index.html" } else { "" });
    let file: PathBuf = file.components().collect();
    file.is_file().then(|| (format!("/{inner}"), file))
}

/// Undoes the percent encoding of a path.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut parts = path.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Bytes {
        start: u64,
        end: u64,
    },
    Outside,
    /// Of a form that is not understood; the whole file answers it (RFC 9110, section 14.2).
    Ignored,
}

fn parse_range(range: &str, total_bytes: u64) -> Range {
    let Some((start, end)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Range::Ignored;
    };
    let (start, end) = match (start.parse::<u64>(), end.parse::<u64>()) {
        (Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(total_bytes)),
        (Ok(start), Err(_)) if end.is_empty() => (start, total_bytes),
        (Err(_), Ok(suffix)) if start.is_empty() => (total_bytes.saturating_sub(suffix), total_bytes),
        _ => return Range::Ignored,
    };
    if start < end { Range::Bytes { start, end } } else { Range::Outside }
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        // A file that is compressed itself, not a compressed transfer of another one.
        Some("gz") => "application/gzip",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn write_head(
    writer: &mut impl Write,
    status: &str,
    headers: &[(String, String)],
    content_bytes: u64,
) -> Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {content_bytes}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    writer.write_all(format!("{head}\r\n").as_bytes())?;
    Ok(())
}

fn write_text(writer: &mut impl Write, request: &Request, status: &str, text: &str) -> Result<()> {
    let headers = [("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned())];
    write_head(writer, status, &headers, text.len() as u64)?;
    if request.method != "HEAD" {
        writer.write_all(text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Range, decode, parse_range};

    #[test]
    fn ranges() {
        assert_eq!(parse_range("bytes=0-9", 100), Range::Bytes { start: 0, end: 10 });
        assert_eq!(parse_range("bytes=90-", 100), Range::Bytes { start: 90, end: 100 });
        assert_eq!(parse_range("bytes=-5", 100), Range::Bytes { start: 95, end: 100 });
        assert_eq!(parse_range("bytes=50-900", 100), Range::Bytes { start: 50, end: 100 });
        assert_eq!(parse_range("bytes=100-", 100), Range::Outside);
        assert_eq!(parse_range("lines=1-2", 100), Range::Ignored);
        assert_eq!(parse_range("bytes=9-1", 100), Range::Ignored);
    }

    #[test]
    fn percent_encoding() {
        assert_eq!(decode("a%20b/c").as_deref(), Some("a b/c"));
        assert_eq!(decode("%zz"), None);
        assert_eq!(decode("%2"), None);
    }
}
