//! Which buffers of a record batch belong to which column.

use std::collections::VecDeque;
use std::ops::Range;

use arrow::datatypes::{DataType, Field, UnionMode};
use arrow::ipc::{MetadataVersion, RecordBatch};

use crate::format::FormatError;
use crate::format::blocks::damaged;

/// No codec makes more of a byte.
const MOST_OF_A_BYTE: u64 = 40_000;

/// The numbers of each column's buffers; `None` when the batch does not have them.
pub(super) fn buffers_of_columns<'a>(
    fields: impl Iterator<Item = &'a Field>,
    batch: RecordBatch<'_>,
    version: MetadataVersion,
) -> Option<Vec<Range<usize>>> {
    let mut variadic: VecDeque<i64> = batch.variadicBufferCounts().into_iter().flatten().collect();
    let mut next = 0;
    let mut columns = Vec::new();
    for field in fields {
        let count = buffer_count(field.data_type(), &mut variadic, version)?;
        columns.push(next..next + count);
        next += count;
    }
    (next <= batch.buffers()?.len()).then_some(columns)
}

/// Buffers of a column of a type: the layouts of Arrow's columnar format.
fn buffer_count(
    data_type: &DataType,
    variadic: &mut VecDeque<i64>,
    version: MetadataVersion,
) -> Option<usize> {
    use DataType as T;
    let mut of = |field: &Field| buffer_count(field.data_type(), variadic, version);
    Some(match data_type {
        T::Null => 0,
        T::Utf8 | T::Binary | T::LargeBinary | T::LargeUtf8 => 3,
        T::Utf8View | T::BinaryView => 2 + usize::try_from(variadic.pop_front()?).ok()?,
        T::List(item) | T::LargeList(item) | T::Map(item, _) => 2 + of(item)?,
        T::ListView(item) | T::LargeListView(item) => 3 + of(item)?,
        T::FixedSizeList(item, _) => 1 + of(item)?,
        T::Struct(fields) => 1 + fields.iter().map(|field| of(field)).sum::<Option<usize>>()?,
        T::RunEndEncoded(ends, values) => of(ends)? + of(values)?,
        T::Union(fields, mode) => {
            let own = 1 + usize::from(version < MetadataVersion::V5) + usize::from(*mode == UnionMode::Dense);
            own + fields.iter().map(|(_, field)| of(field)).sum::<Option<usize>>()?
        }
        // Which are null, and the values or keys.
        _ => 2,
    })
}

/// Checks the lengths that compressed buffers say they have decompressed, for which memory is taken at once.
///
/// # Errors
/// When no buffer of its length can become so long.
pub(super) fn check_compressed<'a>(buffers: impl Iterator<Item = &'a [u8]>) -> Result<(), FormatError> {
    for buffer in buffers {
        let Some(length) = buffer.first_chunk().copied().map(i64::from_le_bytes) else { continue };
        // -1 stands in front of a buffer that is not compressed.
        let most = (buffer.len() as u64).saturating_mul(MOST_OF_A_BYTE).min(1 << 31);
        if length < -1 || u64::try_from(length).is_ok_and(|length| length > most) {
            return Err(damaged("a buffer has a length that none has"));
        }
    }
    Ok(())
}
