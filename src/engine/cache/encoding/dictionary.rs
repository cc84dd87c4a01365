//! Text that repeats, as numbers of the texts that there are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use datafusion::common::HashMap;

use super::codes::{self, Codes};
use super::{Encoded, Encoding, Part, allocated_bytes, null_bytes, nulls_of};

pub(super) struct Dictionary;

/// The most texts, so that their numbers take two bytes at most.
const MOST_TEXTS: usize = 1 << 16;
/// When more than one row in so many brings a new text, the column is not worth it.
const ROWS_PER_TEXT: usize = 4;
/// Rows before that is judged.
const TRIAL_ROWS: usize = 4096;
/// Places of the table that remembers the number of a short text by its view.
const REMEMBERED: usize = 1024;
const INLINE_BYTES: u32 = 12;

impl Encoding for Dictionary {
    fn name(&self) -> &'static str {
        "dictionary"
    }

    fn encode(&self, batches: &[ArrayRef]) -> Option<Arc<dyn Encoded>> {
        let arrays: Vec<&StringViewArray> =
            batches.iter().map(|batch| batch.as_string_view_opt()).collect::<Option<_>>()?;
        let mut texts = Texts::default();
        let mut numbers = Vec::with_capacity(arrays.len());
        let mut rows = 0;
        for array in &arrays {
            let mut of_batch = Vec::with_capacity(array.len());
            for row in 0..array.len() {
                let number = if array.is_null(row) { 0 } else { texts.number(array, row) };
                of_batch.push(number);
            }
            numbers.push(of_batch);
            rows += array.len();
            let found = texts.numbers.len();
            if found > MOST_TEXTS || (rows >= TRIAL_ROWS && found > rows / ROWS_PER_TEXT) {
                return None;
            }
        }
        let texts = texts.finish();
        let codes = numbers.iter().map(|numbers| Codes::new(numbers)).collect();
        Some(Arc::new(Numbered { texts, codes, nulls: nulls_of(batches) }))
    }

    fn assemble(&self, parts: &[Part]) -> Option<Arc<dyn Encoded>> {
        let [texts, codes @ ..] = parts else { return None };
        let texts = texts.first()?.as_string_view_opt()?.clone();
        let (codes, nulls) = codes::of_parts(codes)?;
        let named = codes.iter().all(|codes| codes.len() == 0 || (codes.largest() as usize) < texts.len());
        named.then(|| Arc::new(Numbered { texts, codes, nulls }) as Arc<dyn Encoded>)
    }
}

/// The texts met so far and their numbers.
struct Texts {
    /// Number of a text by its view, for texts that stand in their views. Zero is no such view but
    /// the empty text, which the long way finds.
    remembered: Vec<(u128, u32)>,
    numbers: HashMap<Box<str>, u32>,
    views: StringViewBuilder,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            remembered: vec![(0, 0); REMEMBERED],
            numbers: HashMap::new(),
            views: StringViewBuilder::with_capacity(0),
        }
    }
}

impl Texts {
    #[inline]
    fn number(&mut self, array: &StringViewArray, row: usize) -> u32 {
        let view = array.views()[row];
        if view as u32 > INLINE_BYTES || view == 0 {
            return self.look_up(array.value(row));
        }
        let mixed = (view as u64 ^ (view >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 54) as usize % REMEMBERED;
        let (known, number) = self.remembered[place];
        if known == view {
            return number;
        }
        let number = self.look_up(array.value(row));
        self.remembered[place] = (view, number);
        number
    }

    #[inline(never)]
    fn look_up(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(text.into(), number);
        self.views.append_value(text);
        number
    }

    fn finish(mut self) -> StringViewArray {
        // A number that stands in the place of a null must name some text.
        if self.numbers.is_empty() {
            self.views.append_value("");
        }
        self.views.finish()
    }
}

#[derive(Debug)]
struct Numbered {
    texts: StringViewArray,
    codes: Vec<Codes>,
    nulls: Vec<Option<NullBuffer>>,
}

impl Encoded for Numbered {
    fn batch(&self, index: usize) -> Option<ArrayRef> {
        let texts = self.texts.views();
        let views: Vec<u128> = self.codes.get(index)?.map(|code| texts[code as usize]);
        let nulls = self.nulls.get(index).cloned().flatten();
        let buffers = self.texts.data_buffers().to_vec();
        // SAFETY: every view is one of `texts`, whose buffers are these.
        let array = unsafe { StringViewArray::new_unchecked(ScalarBuffer::from(views), buffers, nulls) };
        Some(Arc::new(array))
    }

    fn bytes(&self) -> usize {
        let codes: usize = self.codes.iter().map(Codes::bytes).sum();
        let texts: ArrayRef = Arc::new(self.texts.clone());
        codes + null_bytes(&self.nulls) + allocated_bytes(&[texts])
    }

    fn parts(&self) -> (&'static str, Vec<Part>) {
        let texts: ArrayRef = Arc::new(self.texts.clone());
        let mut parts = vec![vec![texts]];
        parts.extend(codes::to_parts(&self.codes, &self.nulls));
        (Dictionary.name(), parts)
    }
}
