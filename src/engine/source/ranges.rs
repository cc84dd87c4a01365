//! Several ranges of a file by few reads.

use std::ops::Range;

use bytes::Bytes;

/// What lies between two ranges is read with them up to this length: a read of its own costs more.
const GAP_BYTES: u64 = 16 << 10;
/// Bytes of one read at most, so that slots of the usual size do.
const READ_BYTES: u64 = 1 << 20;

/// Ranges that are being read.
#[derive(Debug)]
pub struct RangeReads {
    ranges: Vec<Range<u64>>,
    buffers: Vec<Vec<u8>>,
}

impl RangeReads {
    /// Nothing read as yet of these ranges, which may be in any order and overlap.
    pub fn new(ranges: Vec<Range<u64>>) -> Self {
        let buffers = vec![Vec::new(); ranges.len()];
        Self { ranges, buffers }
    }

    /// The reads, ascending. Each has to be given to [`Self::fill`], in this order.
    pub fn reads(&self) -> Vec<Range<u64>> {
        let mut sorted: Vec<&Range<u64>> =
            self.ranges.iter().filter(|range| range.start < range.end).collect();
        sorted.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::new();
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.start <= last.end.saturating_add(GAP_BYTES) => {
                    last.end = last.end.max(range.end);
                }
                _ => merged.push(range.clone()),
            }
        }
        let pieces = |range: Range<u64>| {
            let end = range.end;
            let starts = (range.start..end).step_by(READ_BYTES as usize);
            starts.map(move |start| start..end.min(start + READ_BYTES))
        };
        merged.into_iter().flat_map(pieces).collect()
    }

    /// Takes the bytes of a read.
    pub fn fill(&mut self, read: &Range<u64>, bytes: &[u8]) {
        for (range, buffer) in self.ranges.iter().zip(&mut self.buffers) {
            let (start, end) = (range.start.max(read.start), range.end.min(read.end));
            if start < end {
                let part = (start - read.start) as usize..(end - read.start) as usize;
                buffer.reserve_exact((range.end - range.start) as usize - buffer.len());
                buffer.extend_from_slice(bytes.get(part).unwrap_or_default());
            }
        }
    }

    /// The bytes of each range, in the order in which they were given.
    pub fn finish(self) -> Vec<Bytes> {
        self.buffers.into_iter().map(Bytes::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_by_few_reads() {
        let file: Vec<u8> = (0..5_000_000u32).map(|byte| (byte % 251) as u8).collect();
        let ranges = vec![3_000_000..3_000_010, 10..20, 30..40, 5..5, 15..35, 100_000..2_500_000];
        let mut reads = RangeReads::new(ranges.clone());
        let planned = reads.reads();
        assert_eq!(planned[0], 10..40);
        assert_eq!(planned.iter().map(|read| read.end - read.start).sum::<u64>(), 30 + 2_400_000 + 10);
        for read in planned {
            let bytes = &file[read.start as usize..read.end as usize];
            reads.fill(&read, bytes);
        }
        for (range, bytes) in ranges.into_iter().zip(reads.finish()) {
            assert_eq!(bytes, file[range.start as usize..range.end as usize]);
        }
    }
}
