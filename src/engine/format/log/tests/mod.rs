//! Logs: which lines are of which format, what their fields say, and that splits change nothing.

mod bad_input;
mod formats;
mod splits;
mod times;

use crate::format::log::Logs;
use crate::format::testing::{cells, columns, read_as};

/// The format's name, the columns, and the rows with cells between bars.
fn read(text: &str) -> (&'static str, Vec<String>, Vec<String>) {
    let (sniffed, decoded) = read_as(&Logs, text.as_bytes());
    let rows = cells(&decoded).iter().map(|row| row.join("|")).collect();
    (sniffed.decoder.format_name().expect("logs have names"), columns(&sniffed), rows)
}

/// Lines of every format, to be cut and mixed.
const LINES: &[&[&str]] = &[
    &[
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif?x=1 HTTP/1.0\" 200 2326",
        "::1 - - [11/Oct/2000:13:55:36 +0000] \"POST /b HTTP/1.1\" 404 -",
    ],
    &[
        "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1 \"http://x/\" \"Mozilla \\\"5\\\"\"",
        "1.2.3.4 - a b [10/Oct/2000:13:55:36 -0700] \"-\" 408 - \"-\" \"-\"",
    ],
    &[
        "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35:tid 4] [client 72.15.99.187:1] no file",
        "[Fri Sep 09 10:42:30.902022 2011] [mpm:notice] [pid 35] resuming",
    ],
    &[
        "2023/01/15 10:00:00 [error] 12#34: *99 open() failed, client: 1.2.3.4",
        "2023/01/15 10:00:01 [warn] 12#34: low",
    ],
    &["<34>Oct 11 22:14:15 web su[12]: 'su root' failed", "<13>Feb  5 17:32:18 10.0.0.99 app: hello"],
    &["Oct 11 22:14:15 web kernel: [12.5] up", "Oct  1 22:14:15 web sshd[77]: Accepted"],
    &[
        "<165>1 2003-10-11T22:14:15.003Z host app 77 ID47 [x@1 k=\"a]\\\"b\"][y@2] an event",
        "<34>1 2003-10-11T22:14:15.003+02:00 host su - - - done",
    ],
    &["at=info method=GET took=12 msg=\"it \\\"works\\\"\"", "at=warn method= took=7"],
    &[
        "2024-01-15 10:23:45,123 [main] INFO com.acme.App - started",
        "2024-01-15 10:23:46,001 [worker 1] ERROR com.acme.Job - failed\njava.lang.Exception: no\n\tat com.acme.Job.run(Job.java:7)",
    ],
    &[
        "2024-01-15 10:00:00,123 - app.db - WARNING - slow",
        "2024-01-15 10:00:01,123 - app - ERROR - oh\nTraceback (most recent call last):\n  File \"a.py\", line 1\n\nValueError: x",
    ],
];
