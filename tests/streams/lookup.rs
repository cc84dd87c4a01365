//! Tables of files whose rows are looked up for those of streams.

use futures::executor::block_on;
use millrace_engine::Engine;
use millrace_engine::stream::{OutputMode, StreamOptions};
use millrace_protocol::ErrorKind;

use crate::{emitted, engine, engine_of, input, over_file, pushed, sorted, step, stream};

/// Key 3 is there twice, and 5 without a name.
const SHOPS: &str = "id,region,Open\n1,north,true\n2,south,false\n3,east,true\n3,west,false\n5,,true\n";

const HEADER: &str = "ts,shop,price\n";

/// Rows a second apart; of their shops some are not in the table, and some are NULL.
fn rows(count: u32) -> Vec<String> {
    let shop = |number: u32| match number % 7 {
        6 => String::new(),
        shop => shop.to_string(),
    };
    (0..count).map(|n| format!("2020-01-01T00:{:02}:{:02}Z,{},{}\n", n / 60, n % 60, shop(n), n)).collect()
}

fn with_shops(threads: usize) -> Engine {
    let engine = engine(threads);
    over_file(&engine, "shops", SHOPS, "SELECT * FROM shops");
    engine
}

const TUMBLE: &str = "TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE)";

/// Whatever the micro-batches, a stream gives what the query gives over the same rows as a file.
#[test]
fn rows_are_looked_up_as_over_files() {
    let joined = "SELECT s.ts, s.price, shops.region FROM s JOIN shops ON s.shop = shops.id";
    let queries = [
        "SELECT s.ts, s.price, shops.region, shops.\"Open\" FROM s JOIN shops ON s.shop = shops.id".to_owned(),
        "SELECT price, region FROM s LEFT JOIN shops ON shop = id".to_owned(),
        "SELECT price, region FROM shops RIGHT JOIN s ON shop = id".to_owned(),
        "SELECT price FROM s JOIN shops ON shop = id AND price > 20 WHERE region <> 'south'".to_owned(),
        "SELECT price FROM s WHERE shop IN (SELECT id FROM shops WHERE \"Open\")".to_owned(),
        "SELECT price FROM s WHERE NOT EXISTS (SELECT 1 FROM shops WHERE id = shop)".to_owned(),
        "SELECT a.price, b.region, c.region FROM s AS a JOIN shops AS b ON a.shop = b.id LEFT JOIN shops AS c ON \
         a.price = c.id"
            .to_owned(),
        "SELECT price, name FROM s JOIN (VALUES (1, 'one'), (4, 'four')) AS names(id, name) ON shop = names.id"
            .to_owned(),
        format!(
            "SELECT window_start, region, count(*), sum(price) FROM TUMBLE(TABLE ({joined}), DESCRIPTOR(ts), \
             INTERVAL '1' MINUTE) GROUP BY window_start, window_end, region"
        ),
        format!(
            "SELECT window_start, region, count(*) FROM {TUMBLE} AS w JOIN shops ON w.shop = shops.id \
             GROUP BY window_start, window_end, region"
        ),
        format!(
            "SELECT window_start, region, n FROM (SELECT window_start, shop, count(*) AS n FROM {TUMBLE} \
             GROUP BY window_start, window_end, shop) AS counted LEFT JOIN shops ON shop = id"
        ),
        "SELECT window_start, window_end, region, sum(price) FROM HOP(TABLE s, DESCRIPTOR(ts), INTERVAL '30' SECONDS, \
         INTERVAL '1' MINUTE) JOIN shops ON shop = id GROUP BY window_start, window_end, region"
            .to_owned(),
        format!(
            "SELECT window_start, window_end, region, count(*) FROM SESSION(TABLE ({joined}) PARTITION BY region, \
             DESCRIPTOR(ts), INTERVAL '2' SECONDS) GROUP BY window_start, window_end, region"
        ),
    ];
    // More steps than hash tables are kept for.
    let rows = rows(200);
    let text = HEADER.to_owned() + &rows.concat();
    for sql in &queries {
        let expected = over_file(&with_shops(2), "s", &text, sql);
        assert!(!expected.is_empty(), "{sql}");
        for (threads, rows_of_step) in [(1, 1), (2, 17), (4, 200)] {
            let engine = with_shops(threads);
            let (source, handle) = pushed(&engine, "s", &(HEADER.to_owned() + &rows[0]));
            let mut query = stream(&engine, sql, vec![input("s", source, 0)], StreamOptions::default());
            let mut given = Vec::new();
            for rows in rows[1..].chunks(rows_of_step) {
                handle.push(rows.concat().as_bytes()).expect("room");
                step(&mut query, 0);
                given.extend(emitted(&mut query));
            }
            block_on(query.finish()).expect("an end");
            given.extend(emitted(&mut query));
            assert_eq!(sorted(given), expected, "{threads} threads, {rows_of_step} rows: {sql}");
            drop(query);
            assert_eq!(engine.state_bytes(), 0);
        }
    }
}

#[test]
fn groups_by_columns_of_the_table_are_updated() {
    let sql = "SELECT region, sum(price) AS total FROM s JOIN shops ON shop = id GROUP BY region";
    for mode in [OutputMode::Update, OutputMode::Complete] {
        let engine = with_shops(2);
        let rows = rows(9);
        let (source, handle) = pushed(&engine, "s", &(HEADER.to_owned() + &rows[..4].concat()));
        let options = StreamOptions { mode, ..StreamOptions::default() };
        let mut query = stream(&engine, sql, vec![input("s", source, 0)], options);
        step(&mut query, 0);
        assert_eq!(sorted(emitted(&mut query)), ["east,3", "north,1", "south,2", "west,3"], "{mode:?}");
        // Shop 1 at the price of 8; shops 0 and 4 are not in the table.
        handle.push((rows[7].clone() + &rows[8] + &rows[4]).as_bytes()).expect("room");
        step(&mut query, 0);
        let expected: &[&str] = match mode {
            OutputMode::Update => &["north,9"],
            _ => &["east,3", "north,9", "south,2", "west,3"],
        };
        assert_eq!(sorted(emitted(&mut query)), expected, "{mode:?}");
    }
}

#[test]
fn a_stream_goes_on_with_its_table() {
    let sql = format!(
        "SELECT window_start, region, count(*) FROM {TUMBLE} AS w JOIN shops ON w.shop = shops.id \
         GROUP BY window_start, window_end, region"
    );
    let rows = rows(61);
    let first = HEADER.to_owned() + &rows[..30].concat();
    let engine = with_shops(2);
    let mut query =
        stream(&engine, &sql, vec![input("s", pushed(&engine, "s", &first).0, 0)], StreamOptions::default());
    step(&mut query, 0);
    let checkpoint = query.checkpoint().expect("a checkpoint");
    drop(query);

    let (source, handle) = pushed(&engine, "s", &first);
    let mut query =
        block_on(engine.resume_stream(&checkpoint, vec![input("s", source, 0)])).expect("a stream");
    handle.push(rows[30..].concat().as_bytes()).expect("room");
    step(&mut query, 0);
    let expected = over_file(&with_shops(2), "s", &(HEADER.to_owned() + &rows[..60].concat()), &sql);
    assert_eq!(sorted(emitted(&mut query)), expected);

    // Without its table it says so.
    assert!(engine.remove_table("shops"));
    let resumed =
        block_on(engine.resume_stream(&checkpoint, vec![input("s", pushed(&engine, "s", &first).0, 0)]));
    let Err(error) = resumed else { panic!("it goes on") };
    assert!(error.info().message.contains("no table `shops`"), "{}", error.info().message);
}

#[test]
fn a_table_beyond_the_budget_is_told() {
    let engine = engine_of(2, 4 << 20);
    let text: String = (0..300_000).map(|n| format!("{n},name of number {n}\n")).collect();
    over_file(&engine, "large", &format!("id,name\n{text}"), "SELECT count(*) FROM large");
    let (source, _) = pushed(&engine, "s", &(HEADER.to_owned() + &rows(3).concat()));
    let sql = "SELECT name FROM s JOIN large ON shop = id";
    let made = block_on(engine.stream(sql, vec![input("s", source, 0)], StreamOptions::default()));
    let Err(error) = made else { panic!("it runs") };
    assert_eq!(error.info().kind, ErrorKind::Memory);
    // Tasks that were running when another one failed give their memory back a moment later.
    let freed = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        engine.state_bytes() == 0
    });
    assert!(freed, "{} bytes", engine.state_bytes());
}
