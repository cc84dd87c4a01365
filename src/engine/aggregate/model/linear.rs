//! Least squares: `linear_regression(y, x, …)`, the same through the origin, and `ridge_regression(y, penalty, x, …)`.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Add;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;

use super::Triangle;
use super::rows::{Numbers, check_numbers};
use super::twofold::Twofold;
use crate::aggregate::Aggregate;
use crate::aggregate::arguments::Arguments;
use crate::aggregate::sketch::{Sketch, function};
use crate::aggregate::values::lists;

/// What least squares gives with an intercept.
pub(super) const LINEAR_REGRESSION: Aggregate = Aggregate {
    name: "linear_regression",
    aliases: &[],
    example: "linear_regression(y, x)",
    any_order: false,
    function: function::<Linear<WithIntercept>>,
};

/// Without one: the line through the origin.
pub(super) const LINEAR_REGRESSION_THROUGH_ORIGIN: Aggregate = Aggregate {
    name: "linear_regression_through_origin",
    aliases: &[],
    example: "linear_regression_through_origin(y, x)",
    any_order: false,
    function: function::<Linear<ThroughOrigin>>,
};

/// Coefficients that a penalty keeps small: of all that is least where the squares of the errors and the penalty times the
/// squares of the coefficients are together. The intercept is not penalised.
pub(super) const RIDGE_REGRESSION: Aggregate = Aggregate {
    name: "ridge_regression",
    aliases: &[],
    example: "ridge_regression(y, 0.5, x)",
    any_order: false,
    function: function::<Linear<Ridge>>,
};

/// Columns that others explain up to this share of their length say nothing of their own.
const DEPENDENT_SHARE: f64 = 1e-13;
/// Of more, a row would cost more than anybody expects.
const MOST_COLUMNS: usize = 200;

/// What the kinds of least squares differ in.
pub(super) trait Kind: Debug + Send + Sync + 'static {
    const AGGREGATE: Aggregate;
    const USAGE: (&'static str, usize, usize);
    const INTERCEPT: bool;
    /// Place of the penalty among the arguments, if there is one.
    const PENALTY: Option<usize> = None;
}

#[derive(Debug)]
pub(super) struct WithIntercept;

impl Kind for WithIntercept {
    const AGGREGATE: Aggregate = LINEAR_REGRESSION;
    const USAGE: (&'static str, usize, usize) = ("linear_regression(y, x, …)", 2, MOST_COLUMNS);
    const INTERCEPT: bool = true;
}

#[derive(Debug)]
pub(super) struct ThroughOrigin;

impl Kind for ThroughOrigin {
    const AGGREGATE: Aggregate = LINEAR_REGRESSION_THROUGH_ORIGIN;
    const USAGE: (&'static str, usize, usize) =
        ("linear_regression_through_origin(y, x, …)", 2, MOST_COLUMNS);
    const INTERCEPT: bool = false;
}

#[derive(Debug)]
pub(super) struct Ridge;

impl Kind for Ridge {
    const AGGREGATE: Aggregate = RIDGE_REGRESSION;
    const USAGE: (&'static str, usize, usize) = ("ridge_regression(y, penalty, x, …)", 3, MOST_COLUMNS);
    const INTERCEPT: bool = true;
    const PENALTY: Option<usize> = Some(1);
}

/// One call. Its triangle has a column of ones first where there is an intercept, then those of x, then y.
#[derive(Debug)]
pub(super) struct Linear<K> {
    penalty: f64,
    kind: PhantomData<fn() -> K>,
}

/// What is told of a group.
struct Model {
    intercept: f64,
    coefficients: Vec<f64>,
    intercept_error: f64,
    coefficient_errors: Vec<f64>,
    residual_error: f64,
    r_squared: f64,
    rows: u64,
}

impl<K: Kind> Sketch for Linear<K> {
    const AGGREGATE: Aggregate = K::AGGREGATE;
    const USAGE: (&'static str, usize, usize) = K::USAGE;

    type State = Triangle;
    type Rows = Numbers;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        check_numbers(K::AGGREGATE.name, types)?;
        Ok(DataType::Struct(fields()))
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        let penalty = K::PENALTY.map(|place| arguments.positive(place, "the penalty")).transpose()?;
        Ok(Self { penalty: penalty.unwrap_or(0.0), kind: PhantomData })
    }

    fn empty(&self) -> Triangle {
        Triangle::default()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Numbers> {
        let first = 1 + usize::from(K::PENALTY.is_some());
        Numbers::read(columns[first..].iter().chain(&columns[..1]))
    }

    fn add(&self, state: &mut Triangle, rows: &Numbers, row: usize) {
        let mut observation = Vec::with_capacity(8);
        if K::INTERCEPT {
            observation.push(1.0);
        }
        if rows.push(row, &mut observation) {
            state.add(&observation);
        }
    }

    fn merge(&self, state: &mut Triangle, saved: &[u8]) -> Result<()> {
        state.merge(&Triangle::load(saved)?);
        Ok(())
    }

    fn save(&self, state: &mut Triangle) -> Vec<u8> {
        state.save()
    }

    fn heap_bytes(state: &Triangle) -> usize {
        state.heap_bytes()
    }

    fn finish(&self, states: &mut [Triangle]) -> Result<ArrayRef> {
        let models: Vec<Option<Model>> = states.iter_mut().map(|state| self.solve(state)).collect();
        table(&models)
    }
}

impl<K: Kind> Linear<K> {
    /// The model, if there are at least as many rows as numbers to be found, and no column depends on the others.
    fn solve(&self, triangle: &mut Triangle) -> Option<Model> {
        triangle.settle();
        let ones = usize::from(K::INTERCEPT);
        let parameters = triangle.width().checked_sub(1).filter(|&count| count > 0)?;
        let rows = triangle.rows();
        if rows < parameters as u64 {
            return None;
        }
        // What the penalty changes is about the means, and so below the row of the ones.
        let fitted = self.penalised(triangle, ones);
        let solution = solve(&fitted, parameters)?;
        let errors = unit_errors(&fitted, parameters);
        let freedom = rows as f64 - parameters as f64;
        let squares = |triangle: &Triangle, from: usize| -> f64 {
            (from..=parameters).map(|row| triangle.cell(row, parameters).powi(2)).sum()
        };
        let left =
            if self.penalty > 0.0 { residual(triangle, &solution) } else { squares(triangle, parameters) };
        let about = squares(triangle, ones);
        let residual_error = (left / freedom).sqrt();
        // Errors of estimates that a penalty has shifted on purpose say nothing.
        let error = |unit: &f64| if self.penalty > 0.0 { f64::NAN } else { residual_error * unit };
        let errors: Vec<f64> = errors.iter().map(error).collect();
        Some(Model {
            intercept: if K::INTERCEPT { solution[0] } else { 0.0 },
            coefficients: solution[ones..].to_vec(),
            intercept_error: if K::INTERCEPT { errors[0] } else { f64::NAN },
            coefficient_errors: errors[ones..].to_vec(),
            residual_error,
            r_squared: if about > 0.0 { 1.0 - left / about } else { f64::NAN },
            rows,
        })
    }

    fn penalised(&self, triangle: &Triangle, ones: usize) -> Triangle {
        let mut fitted = triangle.clone();
        if self.penalty > 0.0 {
            let width = triangle.width();
            for column in ones..width - 1 {
                let mut row = vec![Twofold::default(); width - column];
                row[0] = Twofold::from(self.penalty.sqrt());
                fitted.turn_in(&mut row, column);
            }
        }
        fitted
    }
}

/// Back substitution for the last column, or nothing when a column depends on those before it.
fn solve(triangle: &Triangle, parameters: usize) -> Option<Vec<f64>> {
    let mut solution = vec![Twofold::default(); parameters];
    for row in (0..parameters).rev() {
        let length = (0..=row).map(|above| triangle.cell(above, row).powi(2)).sum::<f64>().sqrt();
        let own = triangle.cell(row, row);
        if own.abs() <= DEPENDENT_SHARE * length || !length.is_finite() {
            return None;
        }
        let known = |column: usize| -(triangle.exact(row, column) * solution[column]);
        let left = (row + 1..parameters).map(known).fold(triangle.exact(row, parameters), Add::add);
        solution[row] = left.by(triangle.exact(row, row));
    }
    Some(solution.into_iter().map(|number| number.high).collect())
}

/// Roots of the diagonal of (RᵀR)⁻¹: the standard error of each estimate where the rows' is 1.
fn unit_errors(triangle: &Triangle, parameters: usize) -> Vec<f64> {
    let mut squares = vec![0.0; parameters];
    // Column by column of the inverse of R.
    for column in 0..parameters {
        let mut inverse = vec![0.0; column + 1];
        for row in (0..=column).rev() {
            let known: f64 = (row + 1..=column).map(|each| triangle.cell(row, each) * inverse[each]).sum();
            let wanted = if row == column { 1.0 } else { 0.0 };
            inverse[row] = (wanted - known) / triangle.cell(row, row);
            squares[row] += inverse[row].powi(2);
        }
    }
    squares.into_iter().map(f64::sqrt).collect()
}

/// The sum of the squares of the errors of a solution that is not the least one.
fn residual(triangle: &Triangle, solution: &[f64]) -> f64 {
    let parameters = solution.len();
    let of_row = |row: usize| {
        let said: f64 = (row..parameters).map(|column| triangle.cell(row, column) * solution[column]).sum();
        (triangle.cell(row, parameters) - said).powi(2)
    };
    (0..=parameters).map(of_row).sum()
}

fn fields() -> Fields {
    let number = |name| Field::new(name, DataType::Float64, true);
    let numbers = |name| Field::new_list(name, Field::new_list_field(DataType::Float64, true), true);
    Fields::from(vec![
        number("intercept"),
        numbers("coefficients"),
        number("intercept_error"),
        numbers("coefficient_errors"),
        number("residual_error"),
        number("r_squared"),
        Field::new("rows", DataType::Int64, true),
    ])
}

fn table(models: &[Option<Model>]) -> Result<ArrayRef> {
    // What is no number is not known: a DOUBLE that is NULL says so in every tool.
    let known = |number: f64| Some(number).filter(|number| !number.is_nan());
    let number = |value: fn(&Model) -> f64| -> ArrayRef {
        Arc::new(
            models
                .iter()
                .map(|model| model.as_ref().and_then(|model| known(value(model))))
                .collect::<Float64Array>(),
        )
    };
    let numbers = |values: fn(&Model) -> &[f64]| {
        let items: Float64Array =
            models.iter().flatten().flat_map(values).map(|&number| known(number)).collect();
        let lengths: Vec<Option<usize>> =
            models.iter().map(|model| model.as_ref().map(|each| values(each).len())).collect();
        lists(Arc::new(items), &lengths)
    };
    let rows =
        models.iter().map(|model| model.as_ref().map(|model| i64::try_from(model.rows).unwrap_or(i64::MAX)));
    let columns: Vec<ArrayRef> = vec![
        number(|model| model.intercept),
        numbers(|model| &model.coefficients)?,
        number(|model| model.intercept_error),
        numbers(|model| &model.coefficient_errors)?,
        number(|model| model.residual_error),
        number(|model| model.r_squared),
        Arc::new(rows.collect::<Int64Array>()),
    ];
    let nulls: NullBuffer = models.iter().map(Option::is_some).collect();
    Ok(Arc::new(StructArray::try_new(fields(), columns, Some(nulls))?))
}
