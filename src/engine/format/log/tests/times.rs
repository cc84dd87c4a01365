//! Times as logs write them.

use chrono::{DateTime, NaiveDate};

use crate::format::log::time::{ACCESS, CTIME, ISO, SHORT_YEAR, SYSLOG, TIMES, TimeKind};

fn parsed(kind: &TimeKind, text: &str, modified: Option<&str>) -> Option<String> {
    let modified = modified.map(|day| {
        let day: NaiveDate = day.parse().expect("a date");
        day.and_hms_opt(12, 0, 0).expect("noon").and_utc().timestamp_millis()
    });
    let micros = (kind.parser)(modified).micros(text.as_bytes())?;
    Some(DateTime::from_timestamp_micros(micros)?.naive_utc().to_string())
}

#[test]
fn each_kind_reads_its_times_and_knows_their_length() {
    for (kind, text, expected) in [
        (&ACCESS, "10/Oct/2000:13:55:36 -0700", "2000-10-10 20:55:36"),
        (&ISO, "2024-02-29T12:00:00.123456789+02:00", "2024-02-29 10:00:00.123456"),
        (&ISO, "2024-02-29 12:00:00,5 -0130", "2024-02-29 13:30:00.500"),
        (&ISO, "2024/02/29 12:00:00 UTC", "2024-02-29 12:00:00"),
        (&ISO, "2024-02-29\t12:00:00Z", "2024-02-29 12:00:00"),
        (&ISO, "2016-12-31T23:59:60Z", "2017-01-01 00:00:00"),
        (&CTIME, "Fri Sep 09 10:42:29.902022 2011", "2011-09-09 10:42:29.902022"),
        (&CTIME, "Fri Sep  9 10:42:29 2011", "2011-09-09 10:42:29"),
        (&SHORT_YEAR, "24/01/31 12:00:00", "2024-01-31 12:00:00"),
        (&SYSLOG, "Oct  1 22:14:15", "2000-10-01 22:14:15"),
    ] {
        assert_eq!(parsed(kind, text, None).as_deref(), Some(expected), "{text}");
        assert_eq!((kind.len)(text.as_bytes()), Some(text.len()), "{text}");
        assert_eq!((kind.len)(format!("{text} and more").as_bytes()), Some(text.len()), "{text}");
    }
    for kind in TIMES {
        let example = kind.example;
        assert_eq!((kind.len)(example.as_bytes()), Some(example.len()), "{example}");
        for cut in 0..example.len().min(15) {
            assert_eq!((kind.len)(&example.as_bytes()[..cut]), None, "{example} cut at {cut}");
            assert_eq!(parsed(kind, &example[..cut], None), None, "{example} cut at {cut}");
        }
    }
    for text in ["2023-02-29 12:00:00", "2024-13-01 12:00:00", "2024-01-01 24:00:00", "2024-01-01x12:00:00"] {
        assert_eq!((ISO.len)(text.as_bytes()), None, "{text}");
        assert_eq!(parsed(&ISO, text, None), None, "{text}");
    }
}

#[test]
fn a_year_that_is_not_written_is_the_last_in_which_the_day_has_been() {
    for (text, modified, expected) in [
        ("Oct 11 22:14:15", "2024-10-11", "2024-10-11 22:14:15"),
        ("Oct 12 01:14:15", "2024-10-11", "2024-10-12 01:14:15"),
        ("Oct 13 01:14:15", "2024-10-11", "2023-10-13 01:14:15"),
        ("Jan  1 00:00:01", "2023-12-31", "2024-01-01 00:00:01"),
        ("Dec 31 23:59:59", "2024-01-01", "2023-12-31 23:59:59"),
        ("Feb 29 12:00:00", "2023-06-01", "2020-02-29 12:00:00"),
    ] {
        assert_eq!(parsed(&SYSLOG, text, Some(modified)).as_deref(), Some(expected), "{text} {modified}");
    }
    assert_eq!(parsed(&SYSLOG, "Feb 30 12:00:00", None), None);
}
