//! Series put in order: names sorted, the smaller ones added up, values as shares.

use std::collections::{BTreeMap, BTreeSet};

use millrace_protocol::{SeriesGroup, SeriesPage};

use super::{
    ChartChoice, NameOrder,
    stack::{self, TotalOrder},
};

/// Name of what the smaller ones add up to.
pub const OTHERS: &str = "others";

/// The series as a person wants them. What was added up or made a share has no estimates.
pub fn arranged(choice: &ChartChoice, page: &SeriesPage) -> SeriesPage {
    let mut page = page.clone();
    let look = &choice.look;
    let top = look.top.map(|top| top.max(1) as usize);
    if let Some(top) = top.filter(|_| choice.color.is_some()) {
        add_up_series(&mut page, top);
    }
    if page.x_labels.is_some() {
        arrange_names(&mut page, look.order, top.filter(|_| choice.color.is_none()));
    }
    if look.normalised && page.groups.len() > 1 {
        normalise(&mut page);
    }
    page
}

/// Keeps the largest series and adds the others up, position by position.
fn add_up_series(page: &mut SeriesPage, top: usize) {
    if page.groups.len() <= top {
        return;
    }
    let total = |group: &SeriesGroup| group.y.iter().flatten().sum::<f64>();
    let mut ranked: Vec<(f64, usize)> = page.groups.iter().map(total).zip(0..).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let kept: BTreeSet<usize> = ranked.iter().take(top).map(|&(_, index)| index).collect();
    let mut sums: BTreeMap<TotalOrder, f64> = BTreeMap::new();
    let mut index = 0;
    page.groups.retain(|group| {
        let is_kept = kept.contains(&index);
        index += 1;
        if !is_kept {
            for (&x, y) in group.x.iter().zip(&group.y) {
                *sums.entry(TotalOrder(x)).or_default() += y.unwrap_or(0.0);
            }
        }
        is_kept
    });
    let (x, y) = sums.into_iter().map(|(x, sum)| (x.0, Some(sum))).unzip();
    page.groups.push(SeriesGroup { name: OTHERS.to_owned(), x, y, estimates: Vec::new() });
}

/// Sorts the names of the axis and adds up the values of the smaller ones.
fn arrange_names(page: &mut SeriesPage, order: NameOrder, top: Option<usize>) {
    let Some(names) = page.x_labels.take() else { return };
    let mut totals = vec![0.0; names.len()];
    for group in &page.groups {
        for (&x, y) in group.x.iter().zip(&group.y) {
            if let (Some(total), Some(y)) = (totals.get_mut(x as usize), y) {
                *total += y;
            }
        }
    }
    let mut places: Vec<usize> = (0..names.len()).collect();
    let by_total = |a: &usize, b: &usize| totals[*b].total_cmp(&totals[*a]).then(a.cmp(b));
    let folded = top.filter(|&top| top < names.len());
    if let Some(top) = folded {
        places.sort_by(by_total);
        places.truncate(top);
        places.sort_unstable();
    }
    match order {
        NameOrder::Rows => {}
        NameOrder::Descending => places.sort_by(by_total),
        NameOrder::Ascending => places.sort_by(|a, b| by_total(b, a)),
        NameOrder::Names => places.sort_by(|&a, &b| compare_names(&names[a], &names[b])),
    }
    if places.iter().copied().eq(0..names.len()) {
        page.x_labels = Some(names);
        return;
    }
    // Names that are not kept have the place behind the last one.
    let mut new_places = vec![places.len(); names.len()];
    for (new, &old) in places.iter().enumerate() {
        new_places[old] = new;
    }
    for group in &mut page.groups {
        let has_estimates = !group.estimates.is_empty();
        let mut points: Vec<_> = (0..group.x.len())
            .map(|point| {
                let place = new_places.get(group.x[point] as usize).copied().unwrap_or(places.len());
                (place, group.y[point], group.estimates.get(point).copied().flatten())
            })
            .collect();
        points.sort_by_key(|point| point.0);
        let first_folded = points.partition_point(|point| point.0 < places.len());
        let rest: Vec<f64> = points.drain(first_folded..).filter_map(|point| point.1).collect();
        if !rest.is_empty() {
            points.push((places.len(), Some(rest.iter().sum()), None));
        }
        group.x = points.iter().map(|point| point.0 as f64).collect();
        group.y = points.iter().map(|point| point.1).collect();
        if has_estimates {
            group.estimates = points.iter().map(|point| point.2).collect();
        }
    }
    let mut labels: Vec<String> = places.iter().map(|&place| names[place].clone()).collect();
    if folded.is_some() {
        labels.push(format!("{OTHERS} ({})", names.len() - places.len()));
    }
    page.x_labels = Some(labels);
}

/// Numbers by value and before texts, texts by their characters.
fn compare_names(a: &str, b: &str) -> std::cmp::Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        (Ok(_), Err(_)) => std::cmp::Ordering::Less,
        (Err(_), Ok(_)) => std::cmp::Ordering::Greater,
        (Err(_), Err(_)) => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

/// Makes each value its share of its position, in percent. Negative values count by their size.
fn normalise(page: &mut SeriesPage) {
    let Some(groups) = stack::aligned_page(page) else { return };
    page.groups = groups;
    let positions = page.groups.first().map_or(0, |group| group.x.len());
    for position in 0..positions {
        let values = page.groups.iter().filter_map(|group| group.y[position]);
        let total: f64 = values.map(f64::abs).sum();
        for group in &mut page.groups {
            group.y[position] = group.y[position].filter(|_| total > 0.0).map(|value| value / total * 100.0);
            group.estimates.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{ColumnInfo, ResultInfo};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::default_choice;

    fn page(groups: &[(&str, &[f64])], labels: Option<&[&str]>) -> SeriesPage {
        SeriesPage {
            result: ResultInfo { number: 1, fraction: 1.0, columns: Vec::new(), row_count: 9 },
            x_is_time: false,
            x_labels: labels.map(|labels| labels.iter().map(|&label| label.into()).collect()),
            groups: groups
                .iter()
                .map(|(name, y)| SeriesGroup {
                    name: (*name).into(),
                    x: (0..y.len()).map(|x| x as f64).collect(),
                    y: y.iter().copied().map(Some).collect(),
                    estimates: Vec::new(),
                })
                .collect(),
            rows_left_out: 0,
        }
    }

    fn choice(has_color: bool) -> ChartChoice {
        let columns = [("name", "VARCHAR"), ("kind", "VARCHAR"), ("n", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() });
        let choice = default_choice(&columns, 9).expect("a chart");
        ChartChoice { color: choice.color.filter(|_| has_color), ..choice }
    }

    #[wasm_bindgen_test]
    fn small_names_become_others_at_the_end() {
        let mut choice = choice(false);
        choice.look.top = Some(2);
        choice.look.order = NameOrder::Descending;
        let page = page(&[("n", &[1.0, 7.0, 3.0, 9.0])], Some(&["a", "b", "c", "d"]));
        let arranged = arranged(&choice, &page);
        assert_eq!(arranged.x_labels, Some(["d", "b", "others (2)"].map(str::to_owned).to_vec()));
        assert_eq!(arranged.groups[0].y, [Some(9.0), Some(7.0), Some(4.0)]);
    }

    #[wasm_bindgen_test]
    fn names_are_sorted_with_their_values() {
        for (order, labels, values) in [
            (NameOrder::Rows, ["10", "9", "b"], [1.0, 7.0, 3.0]),
            (NameOrder::Ascending, ["10", "b", "9"], [1.0, 3.0, 7.0]),
            (NameOrder::Names, ["9", "10", "b"], [7.0, 1.0, 3.0]),
        ] {
            let mut choice = choice(false);
            choice.look.order = order;
            let arranged = arranged(&choice, &page(&[("n", &[1.0, 7.0, 3.0])], Some(&["10", "9", "b"])));
            assert_eq!(arranged.x_labels, Some(labels.map(str::to_owned).to_vec()), "{order:?}");
            assert_eq!(arranged.groups[0].y, values.map(Some), "{order:?}");
            assert_eq!(arranged.groups[0].x, [0.0, 1.0, 2.0]);
        }
    }

    #[wasm_bindgen_test]
    fn small_series_become_others_and_shares_make_a_hundred() {
        let mut choice = choice(true);
        choice.look.top = Some(1);
        choice.look.normalised = true;
        let groups: [(&str, &[f64]); 3] = [("a", &[1.0, 1.0]), ("b", &[6.0, 0.0]), ("c", &[1.0, 0.0])];
        let arranged = arranged(&choice, &page(&groups, None));
        let names: Vec<_> = arranged.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["b", OTHERS]);
        assert_eq!(arranged.groups[0].y, [Some(75.0), Some(0.0)]);
        assert_eq!(arranged.groups[1].y, [Some(25.0), Some(100.0)]);
    }
}
