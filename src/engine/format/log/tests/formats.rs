//! Columns and values of each format.

use super::read;

#[test]
fn combined() {
    let (name, columns, rows) = read(concat!(
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif?x=1&y HTTP/1.0\" 200 2326 \"http://e.org/\" \"Mozilla/4.08 \\\"en\\\"\"\n",
        "::1 - - [11/Oct/2000:00:00:00 +0000] \"-\" 408 - \"-\" \"-\"\n",
        "::1 - - [11/Oct/2000:00:00:01 +0530] \"\\x16\\x03 \" 400 0 \"\" \"x\"\n",
    ));
    assert_eq!(name, "access log");
    assert_eq!(
        columns,
        [
            "client Utf8View",
            "user_name Utf8View",
            "time Timestamp(ms)",
            "method Utf8View",
            "path Utf8View",
            "query Utf8View",
            "protocol Utf8View",
            "status Int64",
            "bytes Int64",
            "referer Utf8View",
            "agent Utf8View",
            "unparsed Utf8View",
        ]
    );
    assert_eq!(
        rows,
        [
            "127.0.0.1|frank|2000-10-10T20:55:36|GET|/a.gif|x=1&y|HTTP/1.0|200|2326|http://e.org/|Mozilla/4.08 \"en\"|∅",
            "::1|∅|2000-10-11T00:00:00|∅|∅|∅|∅|408|∅|∅|∅|∅",
            "::1|∅|2000-10-10T18:30:01|∅|\\x16\\x03 |∅|∅|400|0||x|∅",
        ]
    );
}

#[test]
fn common_with_host_and_more_behind() {
    let (_, columns, rows) = read(concat!(
        "example.org:80 1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.1\" 200 5 0.012 up\n",
        "example.org:80 1.2.3.4 - - [10/Oct/2000:13:55:37 -0700] \"GET /\" 200 5 0.013 up\n",
    ));
    assert_eq!(columns[0], "host Utf8View");
    assert_eq!(
        rows,
        [
            "example.org:80|1.2.3.4|2000-10-10T20:55:36|GET|/|HTTP/1.1|200|5|0.012 up|∅",
            "example.org:80|1.2.3.4|2000-10-10T20:55:37|GET|/|∅|200|5|0.013 up|∅",
        ]
    );
}

#[test]
fn error_logs_of_servers() {
    let (name, columns, rows) = read(concat!(
        "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35:tid 4] [client 1.2.3.4:5] File is not there\n",
        "[Wed Oct 11 14:32:52 2000] [notice] caught SIGTERM\n",
    ));
    assert_eq!(name, "Apache error log");
    assert_eq!(columns[0], "time Timestamp(µs)");
    assert_eq!(
        rows,
        [
            "2011-09-09T10:42:29.902022|core|error|35|4|1.2.3.4:5|File is not there|∅",
            "2000-10-11T14:32:52|∅|notice|∅|∅|∅|caught SIGTERM|∅",
        ]
    );
    let (name, _, rows) = read("2023/01/15 10:00:00 [error] 12#34: *99 open() failed, client: 1.2.3.4\n");
    assert_eq!(name, "nginx error log");
    assert_eq!(rows, ["2023-01-15T10:00:00|error|12|34|99|open() failed, client: 1.2.3.4|∅"]);
}

#[test]
fn syslog() {
    let (name, columns, rows) = read(concat!(
        "<34>Oct 11 22:14:15 web su[12]: 'su root' failed\n",
        "<13>Feb  5 17:32:18 10.0.0.99 last message repeated 2 times\n",
    ));
    assert_eq!(name, "syslog");
    assert_eq!(columns[..3], ["facility Utf8View", "severity Utf8View", "time Timestamp(ms)"]);
    assert_eq!(
        rows,
        [
            "auth|crit|2000-10-11T22:14:15|web|su|12|'su root' failed|∅",
            "user|notice|2000-02-05T17:32:18|10.0.0.99|∅|∅|last message repeated 2 times|∅",
        ]
    );
    let (name, _, rows) = read("2024-01-15T10:23:45.123456+01:00 web cron[7]: (root) CMD (true)\n");
    assert_eq!(
        (name, rows[0].as_str()),
        ("syslog", "2024-01-15T09:23:45.123456|web|cron|7|(root) CMD (true)|∅")
    );
    let (name, columns, rows) = read(concat!(
        "<165>1 2003-10-11T22:14:15.003Z host app 77 ID47 [x@1 k=\"a]\\\"b\"][y@2] an event\n",
        "<34>1 2003-10-11T22:14:15.003+02:00 host su - - -\n",
    ));
    assert_eq!(name, "syslog (RFC 5424)");
    assert_eq!(
        columns[5..9],
        ["pid Utf8View", "message_id Utf8View", "structured_data Utf8View", "message Utf8View"]
    );
    assert_eq!(
        rows,
        [
            "local4|notice|2003-10-11T22:14:15.003|host|app|77|ID47|[x@1 k=\"a]\\\"b\"][y@2]|an event|∅",
            "auth|crit|2003-10-11T20:14:15.003|host|su|∅|∅|∅|∅|∅",
        ]
    );
}

#[test]
fn logfmt() {
    let (name, columns, rows) = read(concat!(
        "ts=2024-01-15T10:23:45.123456Z level=info took=12 ok=true msg=\"it \\\"works\\\"\" share=0.5\n",
        "level=warn took= msg=\"\" ts=2024-01-15T10:23:46Z new=plain\n",
    ));
    assert_eq!(name, "logfmt");
    assert_eq!(
        columns,
        [
            "ts Timestamp(µs)",
            "level Utf8View",
            "took Int64",
            "ok Boolean",
            "msg Utf8View",
            "share Float64",
            "new Utf8View",
            "unparsed Utf8View",
        ]
    );
    assert_eq!(
        rows,
        [
            "2024-01-15T10:23:45.123456|info|12|true|it \"works\"|0.5|∅|∅",
            "2024-01-15T10:23:46|warn|∅|∅||∅|plain|∅",
        ]
    );
}

#[test]
fn logs_that_say_their_fields() {
    let (name, columns, rows) = read(concat!(
        "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n",
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status time-taken\n",
        "2024-01-15 10:00:00 10.0.0.1 GET /a - 443 1.2.3.4 Mozilla/5.0+(X) 200 31\n",
        "#Date: 2024-01-15 11:00:00\n",
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status time-taken\n",
        "2024-01-15 11:00:00 10.0.0.1 GET /b x=1 443 1.2.3.4 - 404 7\n",
    ));
    assert_eq!(name, "W3C extended log");
    assert_eq!(
        columns,
        [
            "time Timestamp(ms)",
            "server Utf8View",
            "method Utf8View",
            "path Utf8View",
            "query Utf8View",
            "port Int64",
            "client Utf8View",
            "agent Utf8View",
            "status Int64",
            "time_taken Int64",
            "unparsed Utf8View",
        ]
    );
    assert_eq!(
        rows,
        [
            "2024-01-15T10:00:00|10.0.0.1|GET|/a|∅|443|1.2.3.4|Mozilla/5.0+(X)|200|31|∅",
            "2024-01-15T11:00:00|10.0.0.1|GET|/b|x=1|443|1.2.3.4|∅|404|7|∅",
        ]
    );
    let (_, columns, rows) = read(concat!(
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) sc-status time-taken\n",
        "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td1.cloudfront.net\t200\t0.001\n",
        "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\t-\t200\t1.5\n",
    ));
    assert_eq!(columns[..3], ["time Timestamp(ms)", "x_edge_location Utf8View", "bytes Int64"]);
    assert_eq!(rows[0], "2019-12-04T21:02:31|LAX1|392|192.0.2.100|GET|d1.cloudfront.net|200|0.001|∅");
}

#[test]
fn logs_of_applications() {
    for (text, columns, row) in [
        (
            "2024-01-15 10:23:45,123 [main] INFO com.acme.App - started - now",
            "time thread level logger message",
            "2024-01-15T10:23:45.123|main|INFO|com.acme.App|started - now",
        ),
        (
            "2024-01-15T10:23:45.123+01:00  INFO 12345 --- [           main] c.e.App  : Started App",
            "time level pid thread logger message",
            "2024-01-15T09:23:45.123|INFO|12345|main|c.e.App|Started App",
        ),
        (
            "2024-01-15 10:00:00,123 - app.db - WARNING - slow query",
            "time logger level message",
            "2024-01-15T10:00:00.123|app.db|WARNING|slow query",
        ),
        (
            "[2024-01-15T10:00:00Z INFO  acme::db] ready",
            "time level logger message",
            "2024-01-15T10:00:00|INFO|acme::db|ready",
        ),
        (
            "24/01/15 10:23:45 WARN SparkContext: no slots",
            "time level logger message",
            "2024-01-15T10:23:45|WARN|SparkContext|no slots",
        ),
        (
            "2024-01-15T10:00:00.000001Z  INFO acme::db: ready at 7",
            "time level logger message",
            "2024-01-15T10:00:00.000001|INFO|acme::db|ready at 7",
        ),
        (
            "2024-01-15 10:00:00.123 UTC [77] LOG:  checkpoint starting: time",
            "time pid level message",
            "2024-01-15T10:00:00.123|77|LOG|checkpoint starting: time",
        ),
        ("[2024-01-15 10:00:00] [ERROR] boom", "time level message", "2024-01-15T10:00:00|ERROR|boom"),
        ("2009/11/10 23:00:00 listening on :80", "time message", "2009-11-10T23:00:00|listening on :80"),
        (
            "2024-01-15T10:23:45.123Z\tINFO\tstarted\tit",
            "time level message",
            "2024-01-15T10:23:45.123|INFO|started\tit",
        ),
    ] {
        let (name, found, rows) = read(&format!("{text}\n{text}\n"));
        assert_eq!(name, "application log", "{text}");
        let names: Vec<&str> = found.iter().filter_map(|column| column.split(' ').next()).collect();
        assert_eq!(names.join(" "), format!("{columns} unparsed"), "{text}");
        assert_eq!(rows, [format!("{row}|∅"), format!("{row}|∅")], "{text}");
    }
}

#[test]
fn lines_of_a_stack_trace_belong_to_the_message_before_them() {
    let (_, _, rows) = read(concat!(
        "2024-01-15 10:00:00 ERROR failed\r\njava.lang.Exception: no\r\n\tat a.B.c(B.java:7)\r\n\r\nCaused by: x\r\n",
        "2024-01-15 10:00:01 INFO on we go\r\n",
        "2024-01-15 10:00:02 without a level\r\n",
    ));
    assert_eq!(
        rows,
        [
            "2024-01-15T10:00:00|ERROR|failed\r\njava.lang.Exception: no\r\n\tat a.B.c(B.java:7)\r\n\r\nCaused by: x|∅",
            "2024-01-15T10:00:01|INFO|on we go|∅",
            "2024-01-15T10:00:02|∅|without a level|∅",
        ]
    );
}
