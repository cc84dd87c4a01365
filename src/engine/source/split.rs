//! Cutting files into splits, and the order in which they are visited.

use std::ops::Range;

/// The splits of one file: equal ranges of bytes that cover it from the first record on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitPlan {
    /// Offsets in the file, rising, without gaps.
    pub ranges: Vec<Range<u64>>,
}

impl SplitPlan {
    /// Cuts `first_record..file_len` into ranges of `split_bytes` (the last one may be shorter).
    /// A file without a byte behind its header has no splits.
    pub fn new(first_record: u64, file_len: u64, split_bytes: u64) -> Self {
        let step = split_bytes.max(1);
        let mut ranges = Vec::new();
        let mut start = first_record;
        while start < file_len {
            let end = file_len.min(start.saturating_add(step));
            ranges.push(start..end);
            start = end;
        }
        Self { ranges }
    }
}

/// Most neighbouring splits that are visited one after the other. Whoever reads them can read on: in Chromium,
/// opening a part of a file takes about 4 ms of processor time, as reading two megabytes of it does. More than four save
/// nothing more.
const STRETCH_SPLITS: usize = 4;
/// Stretches that are visited side by side, as many as there are readers in a browser.
const LANES: usize = 4;

/// How many neighbours of `count` splits are visited one after the other, if all are visited: fewer when there
/// are few splits, so that all readers have something to read and an early snapshot stands for the whole.
pub fn stretch_splits(count: usize) -> usize {
    (count / (2 * LANES)).clamp(1, STRETCH_SPLITS)
}

/// The order in which `count` splits are visited when rows may come in any order: stretches of neighbours,
/// spread evenly over the whole, some side by side.
pub fn spread_order(count: usize) -> Vec<usize> {
    let length = stretch_splits(count);
    let stretches = bit_reversed(count.div_ceil(length));
    let side_by_side = |lanes: &[usize]| {
        let lanes = lanes.to_vec();
        (0..length).flat_map(move |place| lanes.clone().into_iter().map(move |lane| lane * length + place))
    };
    stretches.chunks(LANES).flat_map(side_by_side).filter(|&split| split < count).collect()
}

/// A permutation of `0..count` whose every prefix is spread evenly over the whole (bit reversal,
/// the van der Corput sequence in base 2).
fn bit_reversed(count: usize) -> Vec<usize> {
    let bits = usize::BITS - count.saturating_sub(1).leading_zeros();
    if bits == 0 {
        return (0..count).collect();
    }
    (0..1usize << bits)
        .map(|index| index.reverse_bits() >> (usize::BITS - bits))
        .filter(|&position| position < count)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_cover_the_file() {
        for (first, len, step) in [(0, 0, 4), (3, 3, 4), (0, 1, 4), (5, 100, 7), (0, 8, 4)] {
            let plan = SplitPlan::new(first, len, step);
            let mut at = first;
            for range in &plan.ranges {
                assert_eq!(range.start, at);
                assert!(range.end > range.start && range.end - range.start <= step);
                at = range.end;
            }
            assert_eq!(at, len.max(first));
        }
    }

    #[test]
    fn spread_order_is_a_spread_permutation() {
        for count in 0..300 {
            let mut order = spread_order(count);
            if count >= 8 {
                let early = &order[..4];
                assert!(early.iter().any(|&split| split >= count / 2), "{count}: {early:?}");
            }
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn neighbours_follow_each_other_in_their_lane() {
        let order = spread_order(64);
        assert_eq!(&order[..8], [0, 32, 16, 48, 1, 33, 17, 49]);
        assert_eq!(spread_order(8), [0, 4, 2, 6, 1, 5, 3, 7]);
    }
}
