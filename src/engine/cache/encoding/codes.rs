//! Small unsigned numbers in as few bits as they need: blocks of distances from the smallest of the block, each
//! as wide as the largest (frame of reference with bit packing, Zukowski, Héman, Nes and Boncz 2006, without
//! exceptions).

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, UInt8Array, UInt32Array};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{UInt8Type, UInt32Type};

use super::Part;

/// Numbers that share a base and a width.
const BLOCK: usize = 1024;
/// Numbers that fill whole bytes, whatever their width.
const GROUP: usize = 8;
/// Bytes behind the last number, so that each can be taken from eight bytes at once.
const PADDING_BYTES: usize = 8;

/// Numbers of one batch.
#[derive(Debug)]
pub(super) struct Codes {
    len: usize,
    /// Of each block the smallest number, and how many bits each distance from it has.
    heads: Vec<Head>,
    /// The distances, block by block; the last group of a block is filled up with zeros.
    packed: ScalarBuffer<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    base: u32,
    width: u32,
}

impl Codes {
    /// Holds numbers.
    pub(super) fn new(numbers: &[u32]) -> Self {
        let mut heads = Vec::with_capacity(numbers.len().div_ceil(BLOCK));
        let mut packed = Vec::new();
        for block in numbers.chunks(BLOCK) {
            let base = block.iter().copied().min().unwrap_or(0);
            let top = block.iter().copied().max().unwrap_or(0);
            let head = Head { base, width: width_of(top - base) };
            pack(block, head, &mut packed);
            heads.push(head);
        }
        packed.extend([0; PADDING_BYTES]);
        packed.shrink_to_fit();
        Self { len: numbers.len(), heads, packed: packed.into() }
    }

    /// Turns each number into a value.
    pub(super) fn map<T>(&self, value: impl Fn(u32) -> T) -> Vec<T> {
        let mut values = Vec::with_capacity(self.len);
        self.for_each_block(|numbers| values.extend(numbers.iter().map(|&number| value(number))));
        values
    }

    /// The largest number, 0 when there is none.
    pub(super) fn largest(&self) -> u32 {
        let mut largest = 0;
        self.for_each_block(|numbers| largest = numbers.iter().copied().fold(largest, u32::max));
        largest
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.packed.len() + self.heads.len() * size_of::<Head>()
    }

    fn for_each_block(&self, mut take: impl FnMut(&[u32])) {
        let mut numbers = [0; BLOCK];
        let mut packed = &self.packed[..];
        for (block, head) in self.heads.iter().enumerate() {
            let len = BLOCK.min(self.len - block * BLOCK);
            unpack(packed, *head, &mut numbers[..len.next_multiple_of(GROUP)]);
            packed = &packed[packed_bytes(len, *head)..];
            take(&numbers[..len]);
        }
    }

    /// Its length, bases and widths as an array of numbers, and the packed bytes as another, without a copy.
    fn to_arrays(&self) -> (ArrayRef, ArrayRef) {
        let len = u32::try_from(self.len).unwrap_or(u32::MAX);
        let heads = self.heads.iter().flat_map(|head| [head.base, head.width]);
        let heads: UInt32Array = std::iter::once(len).chain(heads).collect::<Vec<_>>().into();
        (Arc::new(heads), Arc::new(UInt8Array::new(self.packed.clone(), None)))
    }

    /// What [`Self::to_arrays`] made; nothing of other arrays.
    fn of_arrays(heads: &ArrayRef, packed: &ArrayRef) -> Option<Self> {
        let (len, heads) = heads.as_primitive_opt::<UInt32Type>()?.values().split_first()?;
        let len = *len as usize;
        let head = |pair: &[u32]| Head { base: pair[0], width: pair[1] };
        let heads: Vec<Head> = heads.chunks_exact(2).map(head).collect();
        let packed = packed.as_primitive_opt::<UInt8Type>()?.values().clone();
        let of_block = |(block, head): (usize, &Head)| packed_bytes(BLOCK.min(len - block * BLOCK), *head);
        let fits = heads.len() == len.div_ceil(BLOCK)
            && heads.iter().all(|head| head.width <= u32::BITS)
            && heads.iter().enumerate().map(of_block).sum::<usize>() + PADDING_BYTES == packed.len();
        fits.then_some(Self { len, heads, packed })
    }
}

/// Numbers and nulls of all batches as parts.
pub(super) fn to_parts(codes: &[Codes], nulls: &[Option<NullBuffer>]) -> [Part; 3] {
    let (heads, packed) = codes.iter().map(Codes::to_arrays).unzip();
    let valid = |nulls: &Option<NullBuffer>| match nulls {
        Some(nulls) => nulls.inner().clone(),
        None => BooleanBuffer::new_unset(0),
    };
    let valid = |nulls| -> ArrayRef { Arc::new(BooleanArray::new(valid(nulls), None)) };
    [heads, packed, nulls.iter().map(valid).collect()]
}

/// What [`to_parts`] made of numbers and nulls; nothing when these are other parts.
pub(super) fn of_parts(parts: &[Part]) -> Option<(Vec<Codes>, Vec<Option<NullBuffer>>)> {
    let [heads, packed, valid] = parts else { return None };
    if heads.len() != packed.len() || heads.len() != valid.len() {
        return None;
    }
    let codes: Vec<Codes> = heads
        .iter()
        .zip(packed)
        .map(|(heads, packed)| Codes::of_arrays(heads, packed))
        .collect::<Option<_>>()?;
    let nulls = |(valid, codes): (&ArrayRef, &Codes)| {
        let valid = valid.as_boolean_opt()?.values().clone();
        match valid.len() {
            0 => Some(None),
            len => (len == codes.len()).then(|| Some(NullBuffer::new(valid))),
        }
    };
    let nulls = valid.iter().zip(&codes).map(nulls).collect::<Option<_>>()?;
    Some((codes, nulls))
}

/// The bits that distances up to `largest` get: whole bytes where these are hardly more, which are read faster.
fn width_of(largest: u32) -> u32 {
    match u32::BITS - largest.leading_zeros() {
        width @ (7 | 15 | 28..=31) => width.next_multiple_of(8).next_power_of_two(),
        width => width,
    }
}

fn packed_bytes(len: usize, head: Head) -> usize {
    len.div_ceil(GROUP) * head.width as usize
}

/// Appends the distances of a block.
fn pack(block: &[u32], head: Head, packed: &mut Vec<u8>) {
    let start = packed.len();
    let (mut bits, mut filled) = (0u64, 0);
    for number in block {
        bits |= u64::from(number - head.base) << filled;
        filled += head.width;
        // Four bytes at a time: what is left of the last number still fits.
        if filled >= u32::BITS {
            packed.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= u32::BITS;
            filled -= u32::BITS;
        }
    }
    packed.extend_from_slice(&bits.to_le_bytes());
    packed.resize(start + packed_bytes(block.len(), head), 0);
}

/// Reads as many numbers as `numbers` holds, whole groups. What comes from a disk may be anything, so that sums wrap.
fn unpack(packed: &[u8], head: Head, numbers: &mut [u32]) {
    let Head { base, width } = head;
    match width {
        0 => numbers.fill(base),
        8 => numbers
            .iter_mut()
            .zip(packed)
            .for_each(|(number, &byte)| *number = base.wrapping_add(byte.into())),
        16 => {
            let (pairs, _) = packed.as_chunks::<2>();
            let read = |(number, pair): (&mut u32, &[u8; 2])| {
                *number = base.wrapping_add(u16::from_le_bytes(*pair).into())
            };
            numbers.iter_mut().zip(pairs).for_each(read);
        }
        32 => {
            let (fours, _) = packed.as_chunks::<4>();
            let read =
                |(number, four): (&mut u32, &[u8; 4])| *number = base.wrapping_add(u32::from_le_bytes(*four));
            numbers.iter_mut().zip(fours).for_each(read);
        }
        _ => {
            let mask = (1u64 << width) - 1;
            for (group, numbers) in numbers.chunks_exact_mut(GROUP).enumerate() {
                let bytes = &packed[group * width as usize..];
                for (place, number) in numbers.iter_mut().enumerate() {
                    let bit = place * width as usize;
                    let word =
                        bytes[bit / 8..].first_chunk::<8>().map_or(0, |word| u64::from_le_bytes(*word));
                    *number = base.wrapping_add((word >> (bit % 8) & mask) as u32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_come_back() {
        for width in 0..=32u32 {
            for len in [0, 1, 7, 8, 9, 1023, 1024, 1025, 3000] {
                let top = if width == 0 { 0 } else { u32::MAX >> (32 - width) };
                let base = if width == 32 { 0 } else { 1_000 };
                let number = |row: usize| base + ((row as u32).wrapping_mul(2_654_435_761) & top);
                let numbers: Vec<u32> = (0..len).map(number).collect();
                let codes = Codes::new(&numbers);
                assert_eq!(codes.map(|code| code), numbers, "{width} bits, {len} numbers");
                assert_eq!(codes.largest(), numbers.iter().copied().max().unwrap_or(0));
                let (heads, packed) = codes.to_arrays();
                let again = Codes::of_arrays(&heads, &packed).expect("what was made");
                assert_eq!(again.map(|code| code), numbers);
            }
        }
    }

    #[test]
    fn parts_of_other_lengths_are_refused() {
        let (heads, packed) = Codes::new(&[1, 2, 300]).to_arrays();
        assert!(Codes::of_arrays(&heads, &packed.slice(1, packed.len() - 1)).is_none());
        assert!(Codes::of_arrays(&heads.slice(1, heads.len() - 1), &packed).is_none());
        assert!(Codes::of_arrays(&packed, &heads).is_none());
    }

    #[test]
    fn numbers_that_are_near_each_other_take_few_bits() {
        let numbers: Vec<u32> = (0..8192).map(|row| row * 12 + 7 * (row % 3)).collect();
        assert!(Codes::new(&numbers).bytes() < 8192 * 15 / 8);
    }
}
