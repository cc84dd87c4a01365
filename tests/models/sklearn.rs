//! The same numbers as scikit-learn gives for its own data sets; `reference.py` wrote them.

use super::{SHAPES, digits, engine, folder, known_values, numbers, read};

/// Digits that must agree. Both round, in other orders.
const LEAST_DIGITS: f64 = 9.0;

fn compare(set: &str, file: &str, from: &str, selected: &[(String, String)]) {
    let expected = known_values(&folder("sklearn").join("expected.csv"));
    let text = read(&folder("sklearn").join(file));
    let list = selected.iter().map(|(sql, _)| sql.as_str()).collect::<Vec<_>>().join(", ");
    for shape in SHAPES {
        let found = numbers(&engine(&text, shape), &format!("SELECT {list} FROM ({from})"));
        for (found, (_, quantity)) in found.into_iter().zip(selected) {
            let wanted = expected[&(set.to_owned(), quantity.clone())];
            let digits = digits(found, wanted);
            assert!(
                digits >= LEAST_DIGITS,
                "{set}, {quantity}: {found} instead of {wanted}, {digits:.1} digits"
            );
        }
    }
}

#[test]
fn regressions_of_diabetes() {
    let columns = (1..=10).map(|column| format!("x{column}")).collect::<Vec<_>>().join(", ");
    let coefficient = |place: usize| (format!("m['coefficients'][{place}]"), format!("coefficient {place}"));
    let mut selected = vec![("m['intercept']".to_owned(), "intercept".to_owned())];
    selected.extend((1..=10).map(coefficient));
    selected.push(("m['r_squared']".to_owned(), "r squared".to_owned()));
    for (set, call) in [
        ("linear", format!("linear_regression(y, {columns})")),
        ("ridge 0.5", format!("ridge_regression(y, 0.5, {columns})")),
        ("ridge 100", format!("ridge_regression(y, 100, {columns})")),
    ] {
        compare(set, "diabetes.csv", &format!("SELECT {call} AS m FROM t"), &selected);
    }
}

#[test]
fn components_of_iris() {
    let mut selected = Vec::new();
    for component in 1..=4 {
        selected.push((format!("m['variances'][{component}]"), format!("variance {component}")));
        for part in 1..=4 {
            selected.push((
                format!("m['directions'][{component}][{part}]"),
                format!("direction {component} {part}"),
            ));
        }
    }
    compare("components", "iris.csv", "SELECT principal_components(x1, x2, x3, x4) AS m FROM t", &selected);
}
