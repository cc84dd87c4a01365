//! `principal_components(x, …)`: the directions in which rows differ most.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, Int64Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;

use super::Triangle;
use super::rows::{Numbers, check_numbers};
use crate::aggregate::Aggregate;
use crate::aggregate::arguments::Arguments;
use crate::aggregate::sketch::{Sketch, function};
use crate::aggregate::values::lists;

/// Means, directions and the variance along each, the largest first. A direction's largest part is positive, so that
/// the same rows give the same signs.
pub(super) const PRINCIPAL_COMPONENTS: Aggregate = Aggregate {
    name: "principal_components",
    aliases: &["pca"],
    example: "principal_components(x, y)",
    any_order: false,
    function: function::<PrincipalComponents>,
};

/// Sweeps after which columns are as orthogonal as they will be; a handful is usual.
const MOST_SWEEPS: usize = 60;
const MOST_COLUMNS: usize = 100;

/// Its triangle has a column of ones first, then those of x.
#[derive(Debug)]
pub(super) struct PrincipalComponents;

struct Components {
    means: Vec<f64>,
    variances: Vec<f64>,
    /// One for each variance.
    directions: Vec<Vec<f64>>,
    rows: u64,
}

impl Sketch for PrincipalComponents {
    const AGGREGATE: Aggregate = PRINCIPAL_COMPONENTS;
    const USAGE: (&'static str, usize, usize) = ("principal_components(x, …)", 1, MOST_COLUMNS);

    type State = Triangle;
    type Rows = Numbers;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        check_numbers(Self::AGGREGATE.name, types)?;
        Ok(DataType::Struct(fields()))
    }

    fn new(_: &Arguments<'_>) -> Result<Self> {
        Ok(Self)
    }

    fn empty(&self) -> Triangle {
        Triangle::default()
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Numbers> {
        Numbers::read(columns)
    }

    fn add(&self, state: &mut Triangle, rows: &Numbers, row: usize) {
        let mut observation = vec![1.0];
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
        let found: Vec<Option<Components>> = states.iter_mut().map(components).collect();
        table(&found)
    }
}

/// Nothing of fewer than two rows, which do not differ.
fn components(triangle: &mut Triangle) -> Option<Components> {
    triangle.settle();
    let rows = triangle.rows();
    let width = triangle.width().checked_sub(1)?;
    if rows < 2 {
        return None;
    }
    let ones = triangle.cell(0, 0);
    let means = (1..=width).map(|column| triangle.cell(0, column) / ones).collect();
    let centred = triangle.below(1);
    let cell = |row: usize, column: usize| if row <= column { centred.cell(row, column) } else { 0.0 };
    let columns = (0..width).map(|column| (0..width).map(|row| cell(row, column)).collect()).collect();
    let mut parts = singular(columns);
    parts.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let freedom = (rows - 1) as f64;
    let (variances, directions) =
        parts.into_iter().map(|(square, direction)| (square / freedom, with_sign(direction))).unzip();
    Some(Components { means, variances, directions, rows })
}

/// Squares of the singular values of a matrix, given as columns, each with its right singular vector, by one-sided
/// Jacobi rotations (Hestenes 1958; Demmel and Veselić, "Jacobi's method is more accurate than QR", 1992).
fn singular(mut columns: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let width = columns.len();
    let unit = |one: usize| (0..width).map(|each| if each == one { 1.0 } else { 0.0 }).collect();
    let mut vectors: Vec<Vec<f64>> = (0..width).map(unit).collect();
    for _ in 0..MOST_SWEEPS {
        let mut turned = false;
        for left in 0..width {
            for right in left + 1..width {
                let (a, b) = (dot(&columns[left], &columns[left]), dot(&columns[right], &columns[right]));
                let c = dot(&columns[left], &columns[right]);
                let limit = f64::EPSILON * (a * b).sqrt();
                if c.abs() <= limit || limit.is_nan() {
                    continue;
                }
                turned = true;
                let zeta = (b - a) / (2.0 * c);
                let tangent = zeta.signum() / (zeta.abs() + 1f64.hypot(zeta));
                let cosine = 1.0 / 1f64.hypot(tangent);
                rotate(&mut columns, left, right, (cosine, cosine * tangent));
                rotate(&mut vectors, left, right, (cosine, cosine * tangent));
            }
        }
        if !turned {
            break;
        }
    }
    columns.iter().map(|column| dot(column, column)).zip(vectors).collect()
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn rotate(columns: &mut [Vec<f64>], left: usize, right: usize, (cosine, sine): (f64, f64)) {
    let (before, from) = columns.split_at_mut(right);
    for (left, right) in before[left].iter_mut().zip(&mut from[0]) {
        let turned = cosine * *left - sine * *right;
        *right = sine * *left + cosine * *right;
        *left = turned;
    }
}

fn with_sign(direction: Vec<f64>) -> Vec<f64> {
    let largest = direction.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs()));
    let sign = if largest.is_some_and(|part| part < 0.0) { -1.0 } else { 1.0 };
    direction.into_iter().map(|part| sign * part).collect()
}

fn fields() -> Fields {
    let number = || Field::new_list_field(DataType::Float64, true);
    let inner = Field::new_list_field(DataType::List(Arc::new(number())), true);
    Fields::from(vec![
        Field::new_list("means", number(), true),
        Field::new_list("variances", number(), true),
        Field::new_list("directions", inner, true),
        Field::new("rows", DataType::Int64, true),
    ])
}

fn table(found: &[Option<Components>]) -> Result<ArrayRef> {
    let numbers = |values: fn(&Components) -> &[f64]| {
        let items: Float64Array = found.iter().flatten().flat_map(values).copied().collect();
        let lengths: Vec<Option<usize>> =
            found.iter().map(|each| each.as_ref().map(|each| values(each).len())).collect();
        lists(Arc::new(items), &lengths)
    };
    let all = || found.iter().flatten().flat_map(|each| &each.directions);
    let parts: Float64Array = all().flatten().copied().collect();
    let lengths: Vec<Option<usize>> = all().map(|direction| Some(direction.len())).collect();
    let directions = lists(Arc::new(parts), &lengths)?;
    let counts: Vec<Option<usize>> =
        found.iter().map(|each| each.as_ref().map(|each| each.directions.len())).collect();
    let rows =
        found.iter().map(|each| each.as_ref().map(|each| i64::try_from(each.rows).unwrap_or(i64::MAX)));
    let nulls: NullBuffer = found.iter().map(Option::is_some).collect();
    // Lists of lists say that no list is missing in them, which their type leaves open.
    debug_assert_eq!(directions.null_count(), 0);
    let columns: Vec<ArrayRef> = vec![
        numbers(|each| &each.means)?,
        numbers(|each| &each.variances)?,
        lists(directions, &counts)?,
        Arc::new(rows.collect::<Int64Array>()),
    ];
    Ok(Arc::new(StructArray::try_new(fields(), columns, Some(nulls))?))
}
