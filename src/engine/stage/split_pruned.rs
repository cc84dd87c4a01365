//! Blocks of which the file says that only some rows can pass a filter: its columns are read for these alone.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter as filter_array;

use super::filter::Filter;
use super::prune::Candidates;
use super::split_batches::Values;
use super::split_scan::{Pieces, SplitScan};
use crate::Error;
use crate::format::Selection;

impl SplitScan {
    /// Which rows can pass, as far as the file tells; all when the columns of the filter are kept anyway.
    pub(super) fn candidates(&self, pieces: &Pieces, filter: &Filter) -> Result<Candidates, Error> {
        let is_kept = pieces.columns[..filter.columns().len()].iter().all(Option::is_some);
        let (Some((decoder, number)), Some(shape), false) =
            (self.reader.block(pieces.index)?, &pieces.shape, is_kept)
        else {
            return Ok(Candidates::All);
        };
        let table = &self.reader.table.schema;
        Ok(filter.pruning(table).candidates(decoder.as_ref(), number, table, &shape.batch_rows))
    }

    /// Finds out which of the candidates pass, and brings the other columns of these.
    pub(super) async fn bring_pruned(
        &self,
        pieces: &mut Pieces,
        filter: &Filter,
        candidates: &Selection,
    ) -> Result<Selection, Error> {
        let of_filter = 0..filter.columns().len();
        self.bring(pieces, of_filter.clone(), Some(candidates)).await?;
        let batches = pieces.shape.as_ref().map_or(0, |shape| shape.batch_rows.len());
        let mut passing = Vec::with_capacity(batches);
        // The columns of the filter, of the rows that pass.
        let mut passed: Vec<Vec<ArrayRef>> = vec![Vec::new(); of_filter.len()];
        for batch in 0..batches {
            let Some(rows) = candidates.batch(batch) else { continue };
            let mut arrays = Vec::with_capacity(of_filter.len());
            for column in pieces.columns[of_filter.clone()].iter().flatten() {
                let Some(array) = column.values.batch(batch) else { continue };
                arrays.push(match column.values {
                    Values::Selected(_) => array,
                    Values::Fresh(_) | Values::Kept(_) => pick(&array, rows)?,
                });
            }
            let holds = filter.select(&arrays, rows.count_set_bits())?;
            for (column, array) in passed.iter_mut().zip(&arrays) {
                column.push(pick(array, &holds)?);
            }
            passing.push(scatter(rows, &holds));
        }
        for (column, arrays) in pieces.columns[of_filter.clone()].iter_mut().zip(passed) {
            if let Some(column) = column {
                column.values = Values::Selected(arrays);
            }
        }
        let selection = Selection::new(passing);
        if selection.selected() > 0 {
            self.bring(pieces, of_filter.end..self.columns.len(), Some(&selection)).await?;
        }
        Ok(selection)
    }
}

fn pick(array: &ArrayRef, rows: &BooleanBuffer) -> Result<ArrayRef, Error> {
    let picked = filter_array(array, &BooleanArray::new(rows.clone(), None));
    picked.map_err(|error| Error::DataFusion(error.into()))
}

/// The rows among `candidates` for which the bit of their number among them is set.
fn scatter(candidates: &BooleanBuffer, holds: &BooleanBuffer) -> BooleanBuffer {
    let mut rows = arrow::array::BooleanBufferBuilder::new(candidates.len());
    rows.append_n(candidates.len(), false);
    for (number, row) in candidates.set_indices().enumerate() {
        rows.set_bit(row, holds.value(number));
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_go_back_to_their_rows() {
        let candidates = BooleanBuffer::from(vec![false, true, true, false, true]);
        let holds = BooleanBuffer::from(vec![true, false, true]);
        assert_eq!(scatter(&candidates, &holds), BooleanBuffer::from(vec![false, true, false, false, true]));
    }
}
