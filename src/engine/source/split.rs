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

/// A permutation of `0..count` whose every prefix is spread evenly over the whole (bit reversal,
/// the van der Corput sequence in base 2), so that an early snapshot already covers the whole file.
pub fn spread_order(count: usize) -> Vec<usize> {
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
        for count in 0..70 {
            let mut order = spread_order(count);
            if count >= 8 {
                let early = &order[..4];
                assert!(early.iter().any(|&split| split >= count / 2), "{count}: {early:?}");
            }
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }
}
