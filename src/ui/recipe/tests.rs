use proptest::prelude::*;
use serde_json::json;

use super::*;

fn query(id: u32, name: &str, sql: &str) -> Query {
    Query { id, name: name.to_owned(), sql: sql.to_owned(), ..Query::default() }
}

fn source(table: &str, file: &str, size_bytes: u64) -> Source {
    Source {
        table: table.to_owned(),
        files: vec![FileRef { name: file.to_owned(), size_bytes }],
        ..Source::default()
    }
}

fn board() -> Board {
    let condition = LinkedCondition {
        expression: "region".to_owned(),
        columns: vec!["region".to_owned()],
        condition: json!({ "column": "region" }),
    };
    let filter = LinkedFilter { query: 3, ends: vec![0.0, 2.5], conditions: vec![condition] };
    Board {
        tiles: vec![Tile { query: 3, width: 12, height: 4 }, Tile { query: 7, ..Tile::default() }],
        filters: vec![filter],
        shown: true,
    }
}

fn names(text: &str) -> Vec<String> {
    uses(text).into_iter().map(|(name, _)| name).collect()
}

fn composed(text: &str, queries: &[Query]) -> Composed {
    compose(text, Some("own"), queries, &[]).expect("no circle")
}

#[test]
fn a_recipe_comes_back_from_its_text() {
    let mut events = source("events", "events.csv", 20_000_000);
    events.options.delimiter = Some(";".to_owned());
    events.options.types.insert("price".to_owned(), "DOUBLE".to_owned());
    let by_day = Query {
        builder: json!({ "table": "events" }),
        chart: json!({ "kind": "bar", "y": [1, 2] }),
        ..query(3, "by day", "SELECT 1")
    };
    let recipe =
        Recipe { sources: vec![events], queries: vec![by_day, query(7, "b", "")], open: 7, board: board() };
    assert_eq!(Recipe::of_text(&recipe.text()), Ok(recipe));
}

#[test]
fn fields_that_are_unknown_or_missing_do_no_harm() {
    let text = r#"{"millrace": "recipe", "colour": 7, "sources": [{"table": "t", "options": {"badRows": "explode"}}],
        "queries": [{"name": "a", "sql": "SELECT 1", "future": {}}, {"name": "a"}, {}], "dashboards": []}"#;
    let recipe = Recipe::of_text(text).expect("it is one");
    assert_eq!(recipe.sources[0].options, TableOptions::default());
    let told: Vec<_> = recipe.queries.iter().map(|query| (query.id, query.name.as_str())).collect();
    assert_eq!(told, [(1, "a"), (2, "a_2"), (3, "query_1")]);
    assert_eq!(recipe.queries[0].sql, "SELECT 1");
}

#[test]
fn other_texts_are_refused() {
    assert_eq!(Recipe::of_text("{}"), Err(Unreadable::Other));
    assert_eq!(Recipe::of_text("[1]"), Err(Unreadable::Other));
    assert!(matches!(Recipe::of_text("a,b\n1,2"), Err(Unreadable::Damaged(_))));
    let wrong = r#"{"millrace": "recipe", "queries": 7}"#;
    assert!(matches!(Recipe::of_text(wrong), Err(Unreadable::Damaged(_))));
    assert_eq!(Recipe::of_text(&" ".repeat(MOST_TEXT_BYTES + 1)), Err(Unreadable::TooLong));
}

#[test]
fn recipes_are_known_by_their_tables_or_words() {
    let of = |tables: &[&str], sql: &str| Recipe {
        sources: tables.iter().map(|table| source(table, "f", 1)).collect(),
        queries: vec![query(1, "q", sql)],
        open: 1,
        board: Board::default(),
    };
    assert_eq!(of(&["a"], "").title(), "a");
    assert_eq!(of(&["a", "b"], "").title(), "a and b");
    assert_eq!(of(&["a", "b", "c", "d"], "").title(), "a, b and 2 more");
    assert_eq!(of(&[], "SELECT\n  1 + 1").title(), "SELECT 1 + 1");
    assert!(of(&[], " ").is_empty() && !of(&["a"], "").is_empty());
}

#[test]
fn names_are_free() {
    for (taken, wish, name) in [
        (&[][..], "", "query_1"),
        (&["query_1"], "", "query_2"),
        (&["query_1", "query_2"], "", "query_3"),
        (&["sales"], "Sales", "Sales_2"),
        (&["7"], "7", "7_2"),
        (&["a"], " b ", "b"),
    ] {
        assert_eq!(free_name(taken.iter().copied(), wish), name, "{wish}");
    }
}

#[test]
fn names_of_tables_are_found_where_tables_stand() {
    for (text, expected) in [
        ("SELECT a FROM b", &["b"][..]),
        ("SELECT from_a, 'FROM x' FROM B -- FROM c\n JOIN \"By Day\" ON B.x = d.y", &["b", "By Day"]),
        ("SELECT * FROM a, b x, (SELECT * FROM c WHERE d = 1) y, e", &["a", "b", "c", "e"]),
        ("SELECT * FROM a JOIN b USING (k, l), c WHERE d IN (1, 2) ORDER BY e, f", &["a", "b", "c"]),
        (
            "WITH x (p, q) AS (SELECT * FROM a), y AS NOT MATERIALIZED (TABLE x) SELECT * FROM x, y, z",
            &["a", "z"],
        ),
        ("SELECT * FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '1' DAY))", &["a"]),
        ("SELECT * FROM generate_series(1, 3), s.t, u", &["u"]),
        ("SELECT * FROM (a JOIN b ON 1 = 1), LATERAL (SELECT 1) c", &["a", "b"]),
        ("SELECT 1 UNION ALL SELECT 2 FROM a /* /* FROM */ b */ EXCEPT TABLE c", &["a", "c"]),
        ("SELECT a, count(*) FILTER (WHERE x > 1) FROM ", &[]),
        ("FROM 'open", &[]),
        (")) FROM a", &["a"]),
    ] {
        assert_eq!(names(text), expected, "{text}");
    }
}

#[test]
fn uses_are_renamed_and_nothing_else() {
    let text = "SELECT a.x, 'a' FROM a JOIN A ON a.y = 1 -- a";
    assert_eq!(renamed_uses(text, "a", "b c"), "SELECT a.x, 'a' FROM \"b c\" JOIN \"b c\" ON a.y = 1 -- a");
    assert_eq!(renamed_uses("SELECT 1 FROM a", "a", "order"), "SELECT 1 FROM \"order\"");
    assert_eq!(renamed_uses(text, "x", "y"), text);
}

#[test]
fn a_text_that_uses_no_query_stays_as_it_is() {
    let text = "SELECT * FROM events;";
    let composed = composed(text, &[query(1, "a", "SELECT 1")]);
    assert_eq!(composed.sql, text);
    assert_eq!(composed.place(1, 8), Place { query: None, line: 1, column: 8 });
}

#[test]
fn queries_stand_in_front_of_those_that_use_them() {
    let queries = [
        query(1, "b", "SELECT x\nFROM a; -- end"),
        query(2, "a", "SELECT 1 AS x"),
        query(3, "c", "SELECT nothing"),
    ];
    let sum = composed("SELECT sum(x)\nFROM b", &queries);
    let expected =
        "WITH \"a\" AS (\nSELECT 1 AS x\n),\n\"b\" AS (\nSELECT x\nFROM a\n)\nSELECT sum(x)\nFROM b";
    assert_eq!(sum.sql, expected);
    assert_eq!(sum.used(), ["a", "b"]);
    assert_eq!(sum.place(2, 8), Place { query: Some("a".to_owned()), line: 1, column: 8 });
    assert_eq!(sum.place(6, 6), Place { query: Some("b".to_owned()), line: 2, column: 6 });
    assert_eq!(sum.place(9, 6), Place { query: None, line: 2, column: 6 });
    let own = composed("EXPLAIN WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t, a", &queries);
    let expected = "EXPLAIN WITH RECURSIVE \"a\" AS (\nSELECT 1 AS x\n), t AS (SELECT 1) SELECT * FROM t, a";
    assert_eq!(own.sql, expected);
    assert_eq!(own.place(3, 4), Place { query: None, line: 1, column: 24 });
    assert_eq!(own.place(1, 1), Place { query: None, line: 1, column: 1 });
}

#[test]
fn tables_come_before_queries_of_the_same_name() {
    let queries = [query(1, "events", "SELECT 1")];
    let tables = ["events".to_owned()];
    let sql = "SELECT * FROM events";
    assert_eq!(compose(sql, None, &queries, &tables).expect("no circle").sql, sql);
}

#[test]
fn circles_are_told() {
    let queries = [
        query(1, "a", "SELECT * FROM b"),
        query(2, "b", "SELECT * FROM c"),
        query(3, "c", "SELECT * FROM b"),
        query(4, "self", "SELECT * FROM self"),
    ];
    let told = |name: &str, sql: &str| compose(sql, Some(name), &queries, &[]).map_err(|e| e.to_string());
    let circle = "These queries use each other in a circle: “a” uses “b” uses “c” uses “b”.";
    assert_eq!(told("a", "SELECT * FROM b"), Err(circle.to_owned()));
    assert_eq!(told("self", "SELECT * FROM self"), Err("The query “self” uses its own result.".to_owned()));
}

#[test]
fn steps_are_taken_back_and_made_again() {
    let with = |sql: &str, open: u32| Recipe { queries: vec![query(1, "q", sql)], open, ..Recipe::default() };
    let mut history = History::default();
    assert!(history.record(with("a", 1)));
    assert!(!history.record(with("a", 2)), "another query on screen is no step");
    assert!(history.record(with("b", 1)));
    assert_eq!(history.to_undo().as_deref(), Some("change the text of “q”"));
    assert_eq!(history.undo(), Some(with("a", 2)));
    assert_eq!(history.to_redo().as_deref(), Some("change the text of “q”"));
    assert_eq!(history.redo(), Some(with("b", 1)));
    assert_eq!(history.redo(), None);
    history.undo();
    history.settle(with("a", 1));
    assert_eq!(history.redo(), Some(with("b", 1)), "what was settled is no step of its own");
    history.undo();
    assert!(history.record(with("c", 1)));
    assert_eq!(history.redo(), None);
    assert_eq!((0..).take_while(|_| history.undo().is_some()).count(), 2);
}

#[test]
fn steps_have_names() {
    let base = Recipe {
        sources: vec![source("a", "a.csv", 1), source("b", "b.csv", 1)],
        queries: vec![query(1, "one", "x"), query(2, "two", "y")],
        open: 1,
        board: Board::default(),
    };
    type Change = fn(&mut Recipe);
    let cases: &[(Change, &str, &str)] = &[
        (|r| drop(r.sources.remove(1)), "remove the table “b”", "add the table “b”"),
        (|r| r.sources = vec![source("ab", "a.csv", 1)], "make “ab” of “a”, “b”", "make “a”, “b” of “ab”"),
        (|r| r.sources[0].options.header = Some(true), "change how “a” is read", "change how “a” is read"),
        (|r| drop(r.queries.remove(0)), "close the query “one”", "add the query “one”"),
        (|r| r.queries[1].name = "by day".into(), "rename “two” to “by day”", "rename “by day” to “two”"),
        (|r| r.queries[1].chart = json!(1), "change the chart of “two”", "change the chart of “two”"),
        (|r| r.queries.swap(0, 1), "move a query", "move a query"),
    ];
    for (change, there, back) in cases {
        let mut changed = base.clone();
        change(&mut changed);
        assert_eq!((describe(&base, &changed).as_str(), describe(&changed, &base).as_str()), (*there, *back));
    }
}

#[test]
fn files_are_known_by_name_and_size() {
    let file = |name: &str, size_bytes: u64| FileRef { name: name.to_owned(), size_bytes };
    let offered = [file("a.csv", 1), file("a.csv", 2), file("b.csv", 2)];
    assert_eq!(find(&file("a.csv", 1), &offered), Some(Found { place: 0, is_same: true }));
    assert_eq!(find(&file("a.csv", 9), &offered), Some(Found { place: 1, is_same: false }));
    assert_eq!(find(&file("c.csv", 2), &offered), None);
}

proptest! {
    #[test]
    fn any_text_is_cut_and_composed(text in "[ -~\n'\"()äß,;]{0,80}", other in "[a-z ();'\"\n-]{0,40}") {
        let queries = [query(1, "a", &other), query(2, "b", &text)];
        for (_, span) in uses(&text) {
            prop_assert!(text.get(span).is_some());
        }
        if let Ok(composed) = compose(&text, None, &queries, &[]) {
            prop_assert!(composed.sql.len() >= text.len());
            composed.place(3, 7);
        }
    }
}

#[test]
fn a_dashboard_has_each_query_once_and_fits_its_grid() {
    let mut wild = board();
    wild.tiles.push(Tile { query: 3, width: 99, height: 0 });
    wild.tiles.insert(0, Tile { query: 9, ..Tile::default() });
    wild.tiles[1].width = 1;
    let mut kept = wild.of_queries(|query| query == 3);
    assert_eq!(kept.tiles, [Tile { query: 3, width: 3, height: 4 }]);
    assert_eq!(kept.filters.len(), 1);
    kept.renumber(|id| id + 10);
    assert_eq!((kept.tiles[0].query, kept.filters[0].query), (13, 13));
    assert!(kept.of_queries(|_| false).filters.is_empty());
    assert_eq!(Tile::default().resized(-100, 100), Tile { query: 0, width: 3, height: 10 });
}

#[test]
fn steps_on_the_dashboard_are_told() {
    let work = Recipe { board: board(), ..Recipe::default() };
    let with = |change: &dyn Fn(&mut Board)| {
        let mut after = work.clone();
        change(&mut after.board);
        (describe(&work, &after), work.is_same_work(&after))
    };
    assert_eq!(with(&|board| board.tiles.truncate(1)), ("take off the dashboard".to_owned(), false));
    assert_eq!(with(&|board| board.tiles.swap(0, 1)), ("arrange the dashboard".to_owned(), false));
    assert_eq!(with(&|board| board.filters.clear()), ("filter the dashboard".to_owned(), false));
    assert_eq!(with(&|board| board.shown = false), ("nothing".to_owned(), true));
}

#[test]
fn a_statement_is_narrowed_to_some_rows_of_its_tables() {
    let of = |statement: &str| narrowed(statement, &[("Sales".to_owned(), "n > 1".to_owned())]);
    let rows = "\"Sales\" AS (SELECT * FROM \"Sales\" WHERE n > 1)";
    assert_eq!(of("SELECT 1 FROM \"Sales\""), Some(format!("WITH {rows}\nSELECT 1 FROM \"Sales\"")));
    let with = "-- all\nWITH a AS (SELECT 1) SELECT * FROM a";
    assert_eq!(of(with), Some(format!("-- all\nWITH {rows}, a AS (SELECT 1) SELECT * FROM a")));
    assert_eq!(of("WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a"), None);
    assert_eq!(narrowed("SELECT 1", &[]), Some("SELECT 1".to_owned()));
}

#[test]
fn columns_are_traced_to_their_tables() {
    let table = |name: &str, columns: &[&str]| Table {
        name: name.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
    };
    let tables = [table("sales", &["sold_at", "region", "Price", "user"]), table("shops", &["shop", "city"])];
    let queries =
        [query(2, "by_hour", "SELECT date_trunc('hour', sold_at) AS h, count(*) AS n FROM sales GROUP BY 1")];
    for (statement, column, place, expected) in [
        ("SELECT region, count(*) FROM sales GROUP BY region", "region", 0, Some("region")),
        ("SELECT region, count(*) n FROM sales GROUP BY region", "n", 1, None),
        ("SELECT s.region r, count(*) FROM sales AS s GROUP BY ALL", "r", 0, Some("region")),
        (
            "SELECT upper(sales.region) AS r, sum(\"Price\") AS p FROM sales GROUP BY r",
            "r",
            0,
            Some("upper(region)"),
        ),
        ("SELECT upper(region) AS r, sum(\"Price\") AS p FROM sales GROUP BY upper(region)", "p", 1, None),
        (
            "SELECT lower(region), count(*) FROM sales GROUP BY 1",
            "lower(sales.region)",
            0,
            Some("lower(region)"),
        ),
        ("SELECT * FROM sales WHERE region = 'EU'", "Price", 2, Some("\"Price\"")),
        ("SELECT * FROM sales", "nothing", 2, None),
        ("SELECT \"Price\" * 2 AS double FROM sales", "double", 0, Some("\"Price\" * 2")),
        ("SELECT row_number() OVER (ORDER BY sold_at) AS k FROM sales", "k", 0, None),
        ("SELECT region FROM sales UNION SELECT city FROM shops", "region", 0, None),
        (
            "SELECT city, count(*) FROM sales JOIN shops ON region = shop GROUP BY city",
            "city",
            0,
            Some("city"),
        ),
        ("SELECT r FROM (SELECT lower(region) AS r FROM sales) AS x", "r", 0, Some("lower(region)")),
        (
            "SELECT x || 'a' AS y FROM (SELECT region || 'b' AS x FROM sales)",
            "y",
            0,
            Some("(region || 'b') || 'a'"),
        ),
        (
            "WITH a AS (SELECT region AS r FROM sales), b AS (SELECT r AS q FROM a) SELECT q FROM b",
            "q",
            0,
            Some("region"),
        ),
        ("SELECT h, n FROM by_hour", "h", 0, Some("date_trunc('hour', sold_at)")),
        ("SELECT h, n FROM by_hour", "n", 1, None),
        (
            "SELECT window_start, count(*) FROM TUMBLE(TABLE sales, DESCRIPTOR(sold_at), INTERVAL '1' HOUR) GROUP BY 1",
            "window_start",
            0,
            Some("sold_at"),
        ),
        ("SELECT \"user\".name AS n FROM sales", "n", 0, Some("\"user\".name")),
        (
            "SELECT CASE WHEN region = 'EU' THEN 1 ELSE 2 END AS c FROM sales",
            "c",
            0,
            Some("CASE WHEN region = 'EU' THEN 1 ELSE 2 END"),
        ),
        ("SELECT 1 AS one FROM sales", "one", 0, None),
        ("VALUES (1)", "column1", 0, None),
        ("SELECT (", "a", 0, None),
    ] {
        let found = origin(statement, column, place, &queries, &tables).map(|found| found.expression);
        assert_eq!(found.as_deref(), expected, "{column} of {statement}");
    }
}

#[test]
fn a_selection_whose_ends_move_is_one_step() {
    let selected = |ends: &[(u32, f64)]| {
        let filter = |&(query, end): &(u32, f64)| LinkedFilter {
            query,
            ends: vec![0.0, end],
            ..LinkedFilter::default()
        };
        Recipe {
            board: Board { filters: ends.iter().map(filter).collect(), ..Board::default() },
            ..Recipe::default()
        }
    };
    let mut history = History::default();
    for now in [selected(&[(1, 1.0)]), selected(&[(1, 2.0)]), selected(&[(1, 3.0)])] {
        assert!(history.record(now));
    }
    // Another selection, and more of the first one, are steps of their own.
    assert!(history.record(selected(&[(1, 3.0), (2, 5.0)])));
    assert!(history.record(selected(&[(2, 6.0), (1, 3.0)])));
    assert_eq!(history.undo(), Some(selected(&[(1, 3.0)])));
    assert_eq!(history.undo(), Some(selected(&[])));
    assert_eq!(history.undo(), None);
}

#[test]
fn rounded_times_are_known_by_their_column() {
    for (expression, column) in [
        ("date_trunc('hour', sold_at)", Some("sold_at")),
        ("date_bin(INTERVAL '5 minutes', \"At\")", Some("At")),
        ("date_trunc('hour', a + b)", None),
        ("date_bin(INTERVAL '5 minutes', a, b)", None),
        ("upper(a)", None),
        ("a", None),
    ] {
        assert_eq!(unrounded(expression).as_deref(), column, "{expression}");
    }
}

proptest! {
    #[test]
    fn any_text_can_be_traced(text in "[a-z(),.*' \"]{0,60}|(select|from|with|as|group by|a|b|\\(|\\)|,| ){0,14}") {
        let tables = [Table { name: "a".to_owned(), columns: vec!["b".to_owned()] }];
        let _ = origin(&text, "b", 0, &[], &tables);
        let _ = narrowed(&text, &[("a".to_owned(), "b = 1".to_owned())]);
        let _ = unrounded(&text);
    }
}
