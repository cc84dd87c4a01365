//! NIST's Statistical Reference Datasets for linear regression, with the values that are certified for them
//! (https://www.itl.nist.gov/div898/strd/, public domain).

use super::{SHAPES, digits, engine, folder, known_values, numbers, read};

/// A set, the function, its terms, and the fewest correct digits of coefficients and of their errors.
const SETS: &[(&str, &str, Terms, f64, f64)] = &[
    ("norris", "linear_regression", Terms::Powers(1), 9.0, 9.0),
    ("pontius", "linear_regression", Terms::Powers(2), 9.0, 9.0),
    ("noint1", "linear_regression_through_origin", Terms::Powers(1), 9.0, 9.0),
    ("noint2", "linear_regression_through_origin", Terms::Powers(1), 9.0, 9.0),
    ("filip", "linear_regression", Terms::Powers(10), 7.0, 7.0),
    ("longley", "linear_regression", Terms::Columns(6), 9.0, 9.0),
    // Their lines go through all points: the error is 0, and what is left of it rounding.
    ("wampler1", "linear_regression", Terms::Powers(5), 9.0, 8.0),
    ("wampler2", "linear_regression", Terms::Powers(5), 9.0, 12.0),
    ("wampler3", "linear_regression", Terms::Powers(5), 9.0, 9.0),
    ("wampler4", "linear_regression", Terms::Powers(5), 9.0, 9.0),
    ("wampler5", "linear_regression", Terms::Powers(5), 9.0, 9.0),
];

#[derive(Clone, Copy)]
enum Terms {
    /// `x`, `x²`, …
    Powers(usize),
    /// `x1`, `x2`, …
    Columns(usize),
}

impl Terms {
    fn count(self) -> usize {
        match self {
            Self::Powers(count) | Self::Columns(count) => count,
        }
    }

    fn sql(self) -> String {
        let term = |number: usize| match self {
            Self::Powers(_) => vec!["CAST(x AS DOUBLE)"; number].join(" * "),
            Self::Columns(_) => format!("x{number}"),
        };
        (1..=self.count()).map(term).collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn certified_values_are_met() {
    let certified = known_values(&folder("nist").join("certified.csv"));
    for &(set, function, terms, least, least_of_errors) in SETS {
        let text = read(&folder("nist").join(format!("{set}.csv")));
        let ones = usize::from(function == "linear_regression");
        let value = |quantity: String| certified[&(set.to_owned(), quantity)];
        let mut selected = Vec::new();
        let mut wanted = Vec::new();
        let mut select = |sql: String, quantity: String, digits: f64| {
            selected.push(sql);
            wanted.push((quantity.clone(), value(quantity), digits));
        };
        if ones == 1 {
            select("m['intercept']".to_owned(), "coefficient 0".to_owned(), least);
            select("m['intercept_error']".to_owned(), "error 0".to_owned(), least_of_errors);
        }
        for term in 0..terms.count() {
            let place = term + 1;
            select(format!("m['coefficients'][{place}]"), format!("coefficient {}", term + ones), least);
            select(
                format!("m['coefficient_errors'][{place}]"),
                format!("error {}", term + ones),
                least_of_errors,
            );
        }
        select("m['residual_error']".to_owned(), "residual error".to_owned(), least_of_errors);
        select("m['r_squared']".to_owned(), "r squared".to_owned(), 9.0);
        let list = selected.join(", ");
        let sql = format!("SELECT {list} FROM (SELECT {function}(y, {}) AS m FROM t)", terms.sql());
        for shape in SHAPES {
            let found = numbers(&engine(&text, shape), &sql);
            for (found, (quantity, wanted, least)) in found.into_iter().zip(&wanted) {
                let digits = digits(found, *wanted);
                assert!(
                    digits >= *least,
                    "{set}, {quantity}: {found} instead of {wanted}, {digits:.1} digits, {shape:?}"
                );
            }
        }
    }
}
