//! What footer and page index say of the values of a column.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use arrow::datatypes::{Field, UInt64Type};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use super::file::{ParquetFile, Window};
use super::pages::index_of_pages;
use crate::format::Bounds;
use crate::format::blocks::guarded;

/// The bounds of a column in a block: of its row group, or page by page.
pub(super) fn bounds(file: &ParquetFile, block: usize, column: usize, fine: bool) -> Option<Bounds> {
    let window = file.windows.get(block)?;
    let field = file.schema.fields().get(column)?;
    let [leaf] = file.leaves.get(column)?.as_slice() else { return None };
    if field.data_type().is_nested() || field.data_type().is_floating() {
        return None;
    }
    let found = guarded(|| match fine {
        false => of_group(file, window.group, *leaf, field),
        true => of_pages(file, window.group, *leaf, field),
    });
    let (rows, min, max, nulls) = found.ok()??;
    let sound = [&min, &max].iter().all(|array| array.data_type() == field.data_type());
    if !sound || [&min, &max, &nulls].iter().any(|array| array.len() != rows.len()) {
        return None;
    }
    // The ranges of the row group that reach into the block, in rows of the block.
    let reach = |rows: &Range<usize>| rows.start < window.rows.end && rows.end > window.rows.start;
    let first = rows.iter().position(reach)?;
    let count = rows[first..].iter().take_while(|rows| reach(rows)).count();
    let in_block = |rows: &Range<usize>| {
        let (start, end) = (rows.start.max(window.rows.start), rows.end.min(window.rows.end));
        start - window.rows.start..end - window.rows.start
    };
    Some(Bounds {
        rows: rows[first..first + count].iter().map(in_block).collect(),
        min: min.slice(first, count),
        max: max.slice(first, count),
        nulls: Arc::new(nulls_in_block(&nulls, &rows, window, first..first + count)),
    })
}

/// Nulls of ranges as far as these are in the block: of a range that is partly in it only none and all are known.
fn nulls_in_block(
    nulls: &ArrayRef,
    rows: &[Range<usize>],
    window: &Window,
    which: Range<usize>,
) -> UInt64Array {
    let nulls = nulls.as_primitive_opt::<UInt64Type>();
    let of_range = |range: usize| {
        let (nulls, rows) = (nulls.filter(|nulls| nulls.is_valid(range))?.value(range), &rows[range]);
        let inside = rows.end.min(window.rows.end) - rows.start.max(window.rows.start);
        match nulls {
            0 => Some(0),
            all if all == rows.len() as u64 => Some(inside as u64),
            some => (inside == rows.len()).then_some(some),
        }
    };
    which.map(of_range).collect()
}

type Found = (Vec<Range<usize>>, ArrayRef, ArrayRef, ArrayRef);

fn converter<'a>(
    file: &'a ParquetFile,
    leaf: usize,
    field: &'a Field,
) -> parquet::errors::Result<StatisticsConverter<'a>> {
    let descriptor = file.metadata.file_metadata().schema_descr();
    let converter = StatisticsConverter::from_column_index(leaf, field, descriptor)?;
    Ok(converter.with_missing_null_counts_as_zero(false))
}

fn of_group(
    file: &ParquetFile,
    group: usize,
    leaf: usize,
    field: &Field,
) -> parquet::errors::Result<Option<Found>> {
    let metadata = file.metadata.row_group(group);
    // Old writers compared bytes as signed numbers.
    if metadata.column(leaf).statistics().is_none_or(|statistics| statistics.is_min_max_deprecated()) {
        return Ok(None);
    }
    let converter = converter(file, leaf, field)?;
    let groups = || std::iter::once(metadata);
    let nulls: ArrayRef = Arc::new(converter.row_group_null_counts(groups())?);
    let rows = 0..usize::try_from(metadata.num_rows()).unwrap_or(0);
    Ok(Some((vec![rows], converter.row_group_mins(groups())?, converter.row_group_maxes(groups())?, nulls)))
}

fn of_pages(
    file: &ParquetFile,
    group: usize,
    leaf: usize,
    field: &Field,
) -> parquet::errors::Result<Option<Found>> {
    let (Some(columns), Some(offsets)) = (file.metadata.column_index(), file.metadata.offset_index()) else {
        return Ok(None);
    };
    let Some(pages) = index_of_pages(&file.metadata, group, leaf) else { return Ok(None) };
    let converter = converter(file, leaf, field)?;
    let nulls: UInt64Array = converter.data_page_null_counts(columns, offsets, [&group])?;
    let rows = (0..pages.pages.len()).map(|page| pages.rows_of(page)).collect();
    let min = converter.data_page_mins(columns, offsets, [&group])?;
    let max = converter.data_page_maxes(columns, offsets, [&group])?;
    Ok(Some((rows, min, max, Arc::new(nulls))))
}
