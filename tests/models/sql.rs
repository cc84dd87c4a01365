//! What the functions say of rows with gaps, too few rows, groups, and arguments that are none.

use millrace_protocol::Cell;

use super::{SHAPES, engine, numbers, rows};

const TEXT: &str =
    "g,x,z,y\na,1,2,3\na,2,4,5\na,3,6,7\nb,1,1,\nb,2,5,4\nb,,1,9\nb,4,1,8\nb,5,2,10\nc,1,1,1\n";

#[test]
fn rows_with_gaps_take_no_part_and_groups_have_their_own_models() {
    for shape in SHAPES {
        let engine = engine(TEXT, shape);
        let sql = "SELECT g, m['intercept'], m['coefficients'][1], m['rows'] FROM \
            (SELECT g, linear_regression(y, x) AS m FROM t GROUP BY g) ORDER BY g";
        let found = rows(&engine, sql);
        let [a, b, c] = found.as_slice() else { panic!("{found:?}") };
        let near =
            |cell: &Cell, wanted: f64| matches!(cell, Cell::Number(found) if (found - wanted).abs() < 1e-12);
        assert!(near(&a[1], 1.0) && near(&a[2], 2.0), "{a:?}");
        assert!(near(&b[1], 0.0) && near(&b[2], 2.0), "{b:?}");
        assert_eq!((&a[3], &b[3]), (&Cell::Int(3), &Cell::Int(3)));
        assert_eq!(c[1..], [Cell::Null, Cell::Null, Cell::Null], "one row decides no line");
    }
}

#[test]
fn columns_that_depend_on_others_give_no_model() {
    let sql = "SELECT linear_regression(y, x, z) IS NULL, ridge_regression(y, 1, x, z) IS NULL FROM t WHERE g = 'a'";
    assert_eq!(rows(&engine(TEXT, SHAPES[0]), sql), [[Cell::Bool(true), Cell::Bool(false)]]);
}

#[test]
fn predictions_come_from_the_model() {
    let sql = "SELECT max(abs(y - predict(m, x))) FROM t, (SELECT linear_regression(y, x) AS m FROM t WHERE g = 'a') \
        WHERE g = 'a'";
    let [furthest] = numbers(&engine(TEXT, SHAPES[1]), sql)[..] else { panic!("one number") };
    assert!(furthest < 1e-12, "{furthest}");
    let gaps = "SELECT count(*) - count(predict(m, x)) FROM t, (SELECT linear_regression(y, x) AS m FROM t WHERE g = 'a')";
    assert_eq!(numbers(&engine(TEXT, SHAPES[1]), gaps), [1.0]);
}

#[test]
fn what_cannot_be_is_said() {
    let engine = engine(TEXT, SHAPES[0]);
    for (sql, says) in [
        ("SELECT linear_regression(y) FROM t", "linear_regression is called as linear_regression(y, x, …)."),
        (
            "SELECT linear_regression(y, g) FROM t",
            "linear_regression takes numbers, not values of type VARCHAR.",
        ),
        ("SELECT ridge_regression(y, 0, x) FROM t", "ridge_regression: the penalty must be a number above 0"),
        ("SELECT predict(y, x) FROM t", "predict is called as predict(model, x, …)"),
        (
            "SELECT predict(linear_regression(y, x), 1, 2) FROM t",
            "predict was given 2 numbers for a model of 1.",
        ),
    ] {
        let Err(error) = futures::executor::block_on(engine.query(sql).run(|_| ())) else {
            panic!("{sql} ran")
        };
        assert!(error.to_string().contains(says), "{sql}: {error}");
    }
}
