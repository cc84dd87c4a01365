//! A folder that receives files: what is read of it, in which order, and that a stream that is killed loses and
//! doubles no row.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::rc::Rc;

use futures::executor::block_on;
use futures::future::{FutureExt, LocalBoxFuture, ready};
use millrace_engine::Engine;
use millrace_engine::source::{MemorySource, Slot, Source, SourceError};
use millrace_engine::stream::{
    FolderOrder, GrowingFile, GrowingFolder, StreamInput, StreamOptions, StreamQuery, WatchedFolder,
};
use proptest::prelude::*;

use crate::{emitted, engine, input, over_file, sorted, step, stream};

const HEADER: &str = "ts,k,v\n";
const ROWS: &str = "2020-01-01T00:00:00Z,a,1\n2020-01-01T00:00:00Z,b,2\n";

/// Longer than the time after which the last line of a file counts, and after which a folder is listed again.
const STILL_MILLIS: i64 = 2_500;

/// Files by their names, with the times of their last changes.
#[derive(Clone, Default)]
struct Inbox(Rc<RefCell<Files>>);

type Files = BTreeMap<String, (i64, Vec<u8>)>;

struct InboxFile(String, Inbox);

struct Timed(MemorySource, i64);

impl Inbox {
    fn put(&self, name: &str, text: &str) {
        let mut files = self.0.borrow_mut();
        let time = files.values().map(|(time, _)| time + 1).max().unwrap_or(0);
        files.insert(name.to_owned(), (time, text.as_bytes().to_vec()));
    }

    fn append(&self, name: &str, text: &str) {
        self.0.borrow_mut().entry(name.to_owned()).or_default().1.extend_from_slice(text.as_bytes());
    }

    fn remove(&self, name: &str) -> String {
        let (_, text) = self.0.borrow_mut().remove(name).expect("a file");
        String::from_utf8(text).expect("text")
    }
}

impl GrowingFolder for Inbox {
    fn name(&self) -> &str {
        "inbox"
    }

    fn list(&self) -> LocalBoxFuture<'static, Result<Vec<Box<dyn GrowingFile>>, SourceError>> {
        let file = |name: &String| Box::new(InboxFile(name.clone(), self.clone())) as Box<dyn GrowingFile>;
        ready(Ok(self.0.borrow().keys().rev().map(file).collect())).boxed_local()
    }
}

impl GrowingFile for InboxFile {
    fn name(&self) -> &str {
        &self.0
    }

    fn look(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Source>, SourceError>> {
        let gone = || SourceError::Unreadable { file: self.0.clone(), reason: "it is gone".to_owned() };
        let files = self.1.0.borrow();
        let found = files.get(&self.0).ok_or_else(gone);
        let found = found.map(|(time, text)| Timed(MemorySource::new(self.0.clone(), text.clone()), *time));
        ready(found.map(|found| Rc::new(found) as Rc<dyn Source>)).boxed_local()
    }
}

impl Source for Timed {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn len_bytes(&self) -> u64 {
        self.0.len_bytes()
    }

    fn modified_millis(&self) -> Option<i64> {
        Some(self.1)
    }

    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        self.0.read(range, slot)
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        self.0.verify_unchanged()
    }
}

fn watched(engine: &Engine, inbox: &Inbox, order: FolderOrder) -> WatchedFolder {
    let mut folder = engine.watch(Box::new(inbox.clone()), order, None);
    let prepared = block_on(folder.prepare());
    assert!(prepared.unwrap_or_else(|error| panic!("{}", error.info().message)), "no file yet");
    folder
}

fn inputs(engine: &Engine, inbox: &Inbox) -> Vec<StreamInput> {
    vec![input("t", Box::new(watched(engine, inbox, FolderOrder::Name)), 0)]
}

fn values(engine: &Engine, inbox: &Inbox) -> StreamQuery {
    stream(engine, "SELECT v FROM t", inputs(engine, inbox), StreamOptions::default())
}

fn notices(query: &StreamQuery) -> String {
    query.status().notices.join("\n")
}

#[test]
fn files_are_read_as_they_arrive_and_grow() {
    let engine = engine(2);
    let inbox = Inbox::default();
    inbox.put("b.csv", &format!("{HEADER}2020-01-01T00:00:01Z,a,3\n2020-01-01T00:0"));
    inbox.put("a.csv", &format!("{HEADER}{ROWS}"));
    inbox.put("_SUCCESS", "");
    inbox.put("c.csv.tmp", "half of something");
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["1", "2", "3"]);
    inbox.append("b.csv", "0:02Z,a,4\n");
    inbox.put("d.csv", "ts,k");
    step(&mut query, 10);
    assert_eq!(emitted(&mut query), ["4"]);
    // Another way to end lines, a byte order mark, names in quotes.
    inbox.append("d.csv", ",v\r\n2020-01-01T00:00:03Z,a,5\r\n");
    inbox.put("e.csv", &format!("\u{feff}{HEADER}2020-01-01T00:00:03Z,a,6\n"));
    inbox.put("f.csv", "\"ts\",\"k\",\"v\"\n2020-01-01T00:00:03Z,a,7\n");
    inbox.append("a.csv", "2020-01-01T00:00:03Z,a,8\n");
    step(&mut query, 1_000);
    assert_eq!(sorted(emitted(&mut query)), ["5", "6", "7", "8"]);
    assert_eq!((query.status().rows_in, query.status().bad_rows, notices(&query)), (8, 0, String::new()));
}

#[test]
fn files_that_come_together_are_read_in_order() {
    let engine = engine(2);
    for (order, expected) in [(FolderOrder::Name, ["1", "2", "3"]), (FolderOrder::Time, ["3", "1", "2"])] {
        let inbox = Inbox::default();
        for (name, value) in [("z.csv", 3), ("a.csv", 1), ("b.csv", 2)] {
            inbox.put(name, &format!("{HEADER}2020-01-01T00:00:00Z,a,{value}\n"));
        }
        let inputs = vec![input("t", Box::new(watched(&engine, &inbox, order)), 0)];
        let mut query = stream(&engine, "SELECT v FROM t", inputs, StreamOptions::default());
        step(&mut query, 0);
        assert_eq!(emitted(&mut query), expected, "{order:?}");
    }
}

#[test]
fn the_last_line_needs_no_end_when_its_file_is_still() {
    let engine = engine(2);
    let inbox = Inbox::default();
    inbox.put("a.csv", &format!("{HEADER}{ROWS}2020-01-01T00:00:01Z,a,3"));
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["1", "2"]);
    step(&mut query, STILL_MILLIS);
    assert_eq!(emitted(&mut query), ["3"]);
    inbox.append("a.csv", "\n2020-01-01T00:00:01Z,a,4\n2020-01-01T00:00:01Z,a,5");
    step(&mut query, STILL_MILLIS + 10);
    step(&mut query, 3 * STILL_MILLIS);
    assert_eq!((emitted(&mut query), notices(&query)), (["4", "5"].map(str::to_owned).into(), String::new()));
    inbox.append("a.csv", "0\n2020-01-01T00:00:01Z,a,6\n");
    step(&mut query, 4 * STILL_MILLIS);
    assert!(notices(&query).contains("a.csv goes on within line 6"), "{}", notices(&query));
    assert!(emitted(&mut query).contains(&"6".to_owned()));
}

#[test]
fn files_of_another_shape_are_left_out_and_told_about() {
    let engine = engine(2);
    let inbox = Inbox::default();
    inbox.put("0_readme.txt", "about these files\nthey are tables\n");
    inbox.put("1.csv", &format!("{HEADER}{ROWS}"));
    inbox.put("2.csv", "ts,k,w\n2020-01-01T00:00:00Z,a,1\n2020-01-01T00:00:01Z,a,1\n");
    inbox.put("3.csv", "ts;k;v\n2020-01-01T00:00:00Z;a;1\n2020-01-01T00:00:01Z;a;1\n");
    inbox.put("4.csv", "ts,v,k\n2020-01-01T00:00:00Z,1,a\n2020-01-01T00:00:01Z,1,a\n");
    inbox.put("5.csv", &format!("{HEADER}2020-01-01T00:00:00Z,a,9\n"));
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    assert_eq!(emitted(&mut query), ["1", "2", "9"]);
    let told = notices(&query);
    for (name, words) in [
        ("0_readme.txt", "is left out"),
        ("2.csv", "w instead of v"),
        ("3.csv", "separated in another way"),
        ("4.csv", "another order"),
    ] {
        assert!(told.lines().any(|line| line.contains(name) && line.contains(words)), "{name}: {told}");
    }
    let count = query.status().notice_count;
    step(&mut query, 5_000);
    assert_eq!(query.status().notice_count, count, "told twice: {}", notices(&query));
    // One that is written anew gets another chance.
    inbox.put("2.csv", &format!("{HEADER}2020-01-01T00:00:00Z,a,10\n"));
    step(&mut query, 6_000);
    assert_eq!(emitted(&mut query), ["10"]);
}

#[test]
fn records_without_a_header_are_compared_themselves() {
    let engine = engine(2);
    let inbox = Inbox::default();
    inbox.put(
        "a.ndjson",
        "{\"ts\":\"2020-01-01T00:00:00Z\",\"v\":1}\n{\"ts\":\"2020-01-01T00:00:00Z\",\"v\":2}\n",
    );
    inbox.put("b.ndjson", "not one\nis JSON\n");
    inbox.put("c.ndjson", "{\"v\":3,\"ts\":\"2020-01-01T00:00:00Z\"}");
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    step(&mut query, STILL_MILLIS);
    assert_eq!(emitted(&mut query), ["1", "2", "3"]);
    assert!(notices(&query).contains("b.ndjson is left out: line 1"), "{}", notices(&query));
    assert_eq!(query.status().bad_rows, 0);
}

#[test]
fn files_that_vanish_shrink_or_are_replaced_are_told_about() {
    let engine = engine(2);
    let inbox = Inbox::default();
    for name in ["a.csv", "b.csv", "c.csv", "d.csv"] {
        inbox.put(name, &format!("{HEADER}{ROWS}"));
    }
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    assert_eq!(emitted(&mut query).len(), 8);
    let text = inbox.remove("a.csv");
    inbox.append("b.csv", "2020-01-01T00:00:01Z,b");
    step(&mut query, 10);
    inbox.remove("b.csv");
    inbox.put("c.csv", &format!("{HEADER}2020-01-01T00:00:01Z,c,11\n"));
    inbox.put("d.csv", &format!("{HEADER}{}", ROWS.replace(",a,1", ",d,12")));
    step(&mut query, 1_000);
    assert_eq!(sorted(emitted(&mut query)), ["11", "12", "2"]);
    let told = notices(&query);
    for words in [
        "a.csv is gone; all that was seen of it has been read",
        "b.csv is gone before it was read to its end: 22 bytes from line 4 on are missing",
        "c.csv is shorter than before: it is read again",
        "d.csv begins with other bytes than before: it is read again",
    ] {
        assert!(told.contains(words), "{words} is not in {told}");
    }
    // One that comes back goes on where it was.
    inbox.put("a.csv", &format!("{text}2020-01-01T00:00:01Z,a,13\n"));
    step(&mut query, 2_000);
    assert_eq!(emitted(&mut query), ["13"]);
}

#[test]
fn a_stream_goes_on_when_the_files_of_its_columns_are_gone() {
    let engine = engine(2);
    let inbox = Inbox::default();
    inbox.put("a.csv", &format!("{HEADER}{ROWS}"));
    inbox.put("b.csv", &format!("{HEADER}2020-01-01T00:00:01Z,a,3\n"));
    let mut query = values(&engine, &inbox);
    step(&mut query, 0);
    let mut given = emitted(&mut query);
    let saved = query.checkpoint().expect("a checkpoint");
    inbox.remove("a.csv");
    inbox.remove("b.csv");
    let resumed = |inbox: &Inbox| {
        let folder = engine.watch(Box::new(inbox.clone()), FolderOrder::Name, None);
        let inputs = vec![input("t", Box::new(folder), 0)];
        block_on(engine.resume_stream(&saved, inputs))
            .unwrap_or_else(|error| panic!("{}", error.info().message))
    };
    let mut query = resumed(&inbox);
    step(&mut query, 10_000);
    assert!(notices(&query).contains("a.csv is gone; it was read up to line 4"), "{}", notices(&query));
    // Beside these rows alone, `v` would be text.
    inbox.put("c.csv", &format!("{HEADER}2020-01-01T00:00:02Z,a,4\n2020-01-01T00:00:02Z,a,many\n"));
    step(&mut query, 11_000);
    given.extend(emitted(&mut query));
    assert_eq!(given, ["1", "2", "3", "4", "\"\""]);
    assert_eq!((query.status().bad_rows, query.bad_rows()[0].line), (1, 3));
    assert_eq!(query.bad_rows()[0].file, "c.csv");
}

#[test]
fn what_is_no_source_is_refused_or_waited_for() {
    let engine = engine(1);
    let inbox = Inbox::default();
    let mut folder = engine.watch(Box::new(inbox.clone()), FolderOrder::Name, None);
    assert!(!block_on(folder.prepare()).expect("an empty folder"));
    inbox.put("a.csv", HEADER);
    assert!(!block_on(folder.prepare()).expect("a header alone"));
    inbox.put("a.csv", "k,v\na,1\nb,2\n");
    let error = block_on(folder.prepare()).expect_err("no time").info();
    assert!(error.message.contains("a.csv has no timestamp"), "{}", error.message);
    inbox.append("b.csv", HEADER);
    inbox.append("b.csv", ROWS);
    assert!(block_on(folder.prepare()).expect("a file"));
}

const QUERIES: &[&str] = &[
    "SELECT window_end, k, sum(v), count(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECONDS) \
     GROUP BY window_end, k",
    "SELECT k, v FROM t WHERE v >= 0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]

    /// Rows go to three files that come one after the other and grow. `events` are which file gets how many bytes,
    /// and whether a checkpoint, a kill or neither comes behind the step over them. A file that is whole may be
    /// taken away.
    #[test]
    fn a_killed_stream_over_a_folder_loses_and_doubles_no_row(
        rows in prop::collection::vec((0..4u8, 0..9i64, 0..3usize), 3..60),
        events in prop::collection::vec((0..3usize, 0..160usize, 0..6u8), 1..40),
        ends_without_line_end in any::<bool>(),
    ) {
        let row = |number: usize, (key, value, _): &(u8, i64, usize)| {
            format!("2020-01-01T00:{:02}:{:02}Z,k{key},{value}\n", number / 60, number % 60)
        };
        let mut texts = vec![HEADER.to_owned(); 3];
        let mut all = HEADER.to_owned();
        for (number, each) in rows.iter().enumerate() {
            let line = row(number, each);
            texts[each.2].push_str(&line);
            let _ = write!(all, "{line}");
        }
        // A first record in the first file, so that there are columns.
        let first = row(0, &(0, 5, 0));
        texts[0].insert_str(HEADER.len(), &first);
        all.push_str(&first);
        if ends_without_line_end {
            let shortest = HEADER.len() + first.len();
            texts.iter_mut().filter(|text| text.len() > shortest).for_each(|text| {
                text.pop();
            });
        }
        for sql in QUERIES {
            let engine = engine(2);
            let expected = over_file(&engine, "t", &all, sql);
            let inbox = Inbox::default();
            let mut left: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (now, later) = left[0].split_at(HEADER.len() + first.len());
            inbox.append("0.csv", now);
            left[0] = later;
            // Rows come in any order over the files, and none is to be late.
            let of = |inbox: &Inbox| {
                let folder = engine.watch(Box::new(inbox.clone()), FolderOrder::Name, None);
                vec![input("t", Box::new(folder), 600_000)]
            };
            let inputs = vec![input("t", Box::new(watched(&engine, &inbox, FolderOrder::Name)), 600_000)];
            let mut query = stream(&engine, sql, inputs, StreamOptions::default());
            let mut given: Vec<String> = Vec::new();
            let mut saved = (query.checkpoint().expect("a checkpoint"), given.len());
            let mut now_millis = 0;
            for (file, bytes, what) in &events {
                let (now, later) = left[*file].split_at((*bytes).min(left[*file].len()));
                inbox.append(&format!("{file}.csv"), now);
                left[*file] = later;
                // All of them are over before a last line without an end would count.
                now_millis += 45;
                step(&mut query, now_millis);
                given.extend(emitted(&mut query));
                match what {
                    0 | 1 => saved = (query.checkpoint().expect("a checkpoint"), given.len()),
                    2 => {
                        given.truncate(saved.1);
                        query = block_on(engine.resume_stream(&saved.0, of(&inbox))).expect("it goes on");
                    }
                    _ => {}
                }
            }
            for (file, rest) in left.iter().enumerate() {
                inbox.append(&format!("{file}.csv"), rest);
            }
            for _ in 0..20 {
                now_millis += STILL_MILLIS;
                step(&mut query, now_millis);
            }
            block_on(query.finish()).expect("an end");
            given.extend(emitted(&mut query));
            prop_assert_eq!(sorted(given), expected, "{} {}", sql, notices(&query));
        }
    }
}
