//! Which rows of a split are wanted.

use std::ops::Range;

use arrow::buffer::BooleanBuffer;

/// Rows of a split that are wanted, one bit a row, batch by batch.
#[derive(Clone, Debug)]
pub struct Selection {
    batches: Vec<BooleanBuffer>,
    rows: usize,
    selected: usize,
}

impl Selection {
    /// The rows whose bits are set, of batches as long as the buffers.
    pub fn new(batches: Vec<BooleanBuffer>) -> Self {
        let rows = batches.iter().map(BooleanBuffer::len).sum();
        let selected = batches.iter().map(BooleanBuffer::count_set_bits).sum();
        Self { batches, rows, selected }
    }

    /// Number of all rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of rows that are wanted.
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// Rows of one batch that are wanted.
    pub fn batch(&self, index: usize) -> Option<&BooleanBuffer> {
        self.batches.get(index)
    }

    /// Whether a row of a batch is wanted.
    pub fn is_selected(&self, batch: usize, row: usize) -> bool {
        self.batches.get(batch).is_some_and(|bits| row < bits.len() && bits.value(row))
    }

    /// Runs of neighbouring rows that are wanted among the rows `part` of a batch, counted from the first
    /// of them.
    pub fn runs(&self, batch: usize, part: Range<usize>) -> Vec<Range<usize>> {
        let bits = self.batches.get(batch).filter(|bits| part.end <= bits.len());
        let Some(bits) = bits.map(|bits| bits.slice(part.start, part.len())) else { return Vec::new() };
        bits.set_slices().map(|(start, end)| start..end).collect()
    }

    /// Whether the row of this number in the split is wanted.
    pub fn contains(&self, row: u64) -> bool {
        let mut row = usize::try_from(row).unwrap_or(usize::MAX);
        for bits in &self.batches {
            if row < bits.len() {
                return bits.value(row);
            }
            row -= bits.len();
        }
        false
    }
}
