//! Series put on top of each other need the same positions.

use std::collections::BTreeSet;

use millrace_protocol::{SeriesGroup, SeriesPage};

/// All groups over the positions of all of them, 0 where a group has no value. Estimates go with their
/// points.
///
/// `None` when the positions differ so much that a group was thinned out by itself: zeros between its
/// remaining points would draw gaps that the data does not have.
pub fn aligned_page(page: &SeriesPage) -> Option<Vec<SeriesGroup>> {
    // Where every row has its point nothing was thinned out, however different the positions are.
    if page.rows_left_out == 0 { Some(over_all(&page.groups)) } else { aligned(&page.groups) }
}

fn aligned(groups: &[SeriesGroup]) -> Option<Vec<SeriesGroup>> {
    let longest = groups.iter().map(|group| group.x.len()).max().unwrap_or(0);
    let positions: BTreeSet<TotalOrder> =
        groups.iter().flat_map(|group| &group.x).map(|&x| TotalOrder(x)).collect();
    if positions.len() > longest + longest / 2 {
        return None;
    }
    Some(over_all(groups))
}

fn over_all(groups: &[SeriesGroup]) -> Vec<SeriesGroup> {
    let positions: BTreeSet<TotalOrder> =
        groups.iter().flat_map(|group| &group.x).map(|&x| TotalOrder(x)).collect();
    let x: Vec<f64> = positions.into_iter().map(|position| position.0).collect();
    let aligned = groups.iter().map(|group| {
        let mut own = group.x.iter().enumerate().peekable();
        let (y, estimates) = x
            .iter()
            .map(|&position| {
                let mut next = || own.next_if(|(_, at)| **at == position).map(|(index, _)| index);
                let here = next();
                let value_of = |index: usize| group.y.get(index).copied().flatten().unwrap_or(0.0);
                let mut value = here.map_or(0.0, value_of);
                // Several rows of one position are as high as all of them.
                while let Some(index) = next() {
                    value += value_of(index);
                }
                (Some(value), here.and_then(|index| *group.estimates.get(index)?))
            })
            .unzip();
        let estimates = if group.estimates.is_empty() { Vec::new() } else { estimates };
        SeriesGroup { name: group.name.clone(), x: x.clone(), y, estimates }
    });
    aligned.collect()
}

/// A position that can be a key of a set.
pub(super) struct TotalOrder(pub f64);

impl PartialEq for TotalOrder {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for TotalOrder {}

impl PartialOrd for TotalOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TotalOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::Estimate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn group(name: &str, points: &[(f64, Option<f64>)]) -> SeriesGroup {
        SeriesGroup {
            name: name.into(),
            x: points.iter().map(|point| point.0).collect(),
            y: points.iter().map(|point| point.1).collect(),
            estimates: Vec::new(),
        }
    }

    #[wasm_bindgen_test]
    fn holes_become_zero() {
        let a = group("a", &[(1.0, Some(5.0)), (2.0, None), (4.0, Some(7.0))]);
        let b = group("b", &[(2.0, Some(1.0)), (3.0, Some(2.0)), (4.0, Some(3.0))]);
        let both = aligned(&[a, b]).expect("positions that fit");
        assert_eq!(both[0].x, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(both[0].y, [Some(5.0), Some(0.0), Some(0.0), Some(7.0)]);
        assert_eq!(both[1].y, [Some(0.0), Some(1.0), Some(2.0), Some(3.0)]);
    }

    #[wasm_bindgen_test]
    fn rows_of_one_position_add_up() {
        let a = group("a", &[(1.0, Some(5.0)), (1.0, Some(2.0)), (2.0, Some(1.0))]);
        let both = aligned(&[a]).expect("positions that fit");
        assert_eq!(both[0].y, [Some(7.0), Some(1.0)]);
    }

    #[wasm_bindgen_test]
    fn estimates_stay_with_their_points() {
        let estimate = |value| Some(Estimate { value, low: value, high: value });
        let mut a = group("a", &[(1.0, Some(5.0)), (4.0, Some(7.0))]);
        a.estimates = vec![estimate(50.0), estimate(70.0)];
        let b = group("b", &[(2.0, Some(1.0)), (3.0, Some(2.0)), (4.0, Some(3.0))]);
        let both = aligned(&[a, b]).expect("positions that fit");
        assert_eq!(both[0].estimates, [estimate(50.0), None, None, estimate(70.0)]);
        assert_eq!(both[1].estimates, []);
    }

    #[wasm_bindgen_test]
    fn thinned_groups_are_left_alone() {
        let a = group("a", &[(1.0, Some(1.0)), (3.0, Some(1.0)), (5.0, Some(1.0))]);
        let b = group("b", &[(2.0, Some(1.0)), (4.0, Some(1.0)), (6.0, Some(1.0))]);
        assert_eq!(aligned(&[a, b]), None);
    }
}
