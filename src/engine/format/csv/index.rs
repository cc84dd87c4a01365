//! The structural index: where the fields and records of a stretch of text begin.
//!
//! Blocks of 64 bytes become bit masks; the parity of the quotes before a byte says whether it
//! stands inside quotes (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). That is
//! exact as long as quotes open fields, close them, or come doubled. A quote anywhere else is seen
//! in the masks, and the record it stands in goes through the exact [`machine`](super::machine).

use std::cell::OnceCell;

use super::block::{BLOCK_BYTES, Block};
use super::machine::{RecordEnd, State, run_record};
use super::syntax::{Syntax, line_end, skip_line_ends};

/// Fields and records of a stretch of text. Positions count from the start of the stretch.
#[derive(Debug, Default)]
pub struct Index {
    /// Where each field starts, and one entry more: field `k` is `starts[k]..starts[k + 1] - 1`. With a delimiter of
    /// two bytes it is `starts[k]..starts[k + 1] - 2`, and the first of a record starts one byte earlier.
    /// Line ends and comments before the first field of a record are still part of it.
    pub starts: Vec<u32>,
    /// Index in `starts` of the first field of each record, and one entry more.
    pub records: Vec<u32>,
    /// Whether nothing but line ends of records was seen: no blank line, no `\r\n`, none in quotes.
    pub one_line_each: bool,
    /// Whether the last record ends with the file, between quotes that nothing closes.
    pub unclosed_quote: bool,
    /// Whether the records are UTF-8, once somebody asked.
    utf8: OnceCell<bool>,
}

/// Why the vectorised run stopped.
pub(super) enum Stop {
    /// The target is reached.
    Target,
    /// The bytes are used up.
    OutOfBytes {
        /// Whether they end between quotes.
        in_quotes: bool,
    },
    /// A quote stands where only the exact machine knows what it means.
    Irregular,
}

impl Index {
    /// Number of complete records.
    pub fn len(&self) -> usize {
        self.records.len() - 1
    }

    /// Position behind the last complete record and the first byte of its line end.
    pub fn end(&self) -> usize {
        let last = self.records.last().copied().unwrap_or(0);
        self.starts[last as usize] as usize
    }

    /// Whether the records in `bytes` are UTF-8 as a whole, so that each field is. Looked up when it is first asked
    /// for: text that is ASCII needs no answer.
    pub fn is_utf8(&self, bytes: &[u8], syntax: Syntax) -> bool {
        // Bytes that are no characters of their own could stand for half of one.
        let cuts = [Some(syntax.delimiter), syntax.quote, syntax.escape, syntax.comment];
        *self.utf8.get_or_init(|| {
            let records = &bytes[..self.end().min(bytes.len())];
            cuts.iter().flatten().all(u8::is_ascii) && simdutf8::basic::from_utf8(records).is_ok()
        })
    }

    /// Whether it is known that the records are UTF-8.
    #[inline]
    pub fn is_known_utf8(&self) -> bool {
        self.utf8.get() == Some(&true)
    }

    /// Indexes the records of `bytes`, which begin with one, up to about `target` and at least one
    /// record. When `at_end` the file ends with the bytes, and so does the last record; otherwise
    /// a record that does not end within the bytes is left out. `bytes` are shorter than 4 GB.
    pub fn fill(&mut self, bytes: &[u8], target: usize, syntax: Syntax, at_end: bool) {
        self.utf8 = OnceCell::new();
        if syntax.needs_machine() {
            return self.fill_exactly(bytes, target, syntax, at_end);
        }
        self.fill_with(bytes, target, syntax, at_end, best_run());
        if let Some(comment) = syntax.comment
            && !self.leave_out_comments(bytes, comment)
        {
            self.fill_exactly(bytes, target, syntax, at_end);
        }
    }

    /// Indexes by the machine alone.
    fn fill_exactly(&mut self, bytes: &[u8], target: usize, syntax: Syntax, at_end: bool) {
        let gap = syntax.delimiter_len();
        self.starts.clear();
        self.records.clear();
        self.starts.push(gap as u32 - 1);
        self.records.push(0);
        self.one_line_each = false;
        self.unclosed_quote = false;
        let mut pos = 0;
        loop {
            let start = syntax.skip_between(bytes, pos);
            if start >= bytes.len() {
                return;
            }
            let before = self.starts.len();
            let end = run_record(bytes, start, State::FieldStart, syntax, |delimiter| {
                self.starts.push((delimiter + gap) as u32);
            });
            let end = match end {
                RecordEnd::LineEnd(end) => end,
                RecordEnd::OutOfBytes { in_quotes } if at_end => {
                    self.unclosed_quote = in_quotes;
                    bytes.len()
                }
                RecordEnd::OutOfBytes { .. } => {
                    self.starts.truncate(before);
                    return;
                }
            };
            self.records.push(self.starts.len() as u32);
            self.starts.push((end + gap) as u32);
            pos = end + 1;
            if pos >= target || pos >= bytes.len() {
                return;
            }
        }
    }

    /// Leaves out the records that are comments. `false` when one of them was taken for more than its line,
    /// because it holds a quote: the machine has to look.
    fn leave_out_comments(&mut self, bytes: &[u8], comment: u8) -> bool {
        let start_of = |starts: &[u32], field: u32| skip_line_ends(bytes, starts[field as usize] as usize);
        let is_comment = |starts: &[u32], field: u32| bytes.get(start_of(starts, field)) == Some(&comment);
        let Some(first) =
            self.records[..self.len()].iter().position(|&field| is_comment(&self.starts, field))
        else {
            return true;
        };
        self.one_line_each = false;
        let kept_fields = self.records[first] as usize;
        let (starts, records) = (self.starts.clone(), self.records.split_off(first));
        self.starts.truncate(kept_fields + 1);
        self.records.push(kept_fields as u32);
        for record in records.windows(2) {
            let end = starts[record[1] as usize] as usize - 1;
            if is_comment(&starts, record[0]) {
                if line_end(bytes, start_of(&starts, record[0])) != end {
                    return false;
                }
                continue;
            }
            self.starts.extend_from_slice(&starts[record[0] as usize + 1..=record[1] as usize]);
            self.records.push(self.starts.len() as u32 - 1);
        }
        true
    }

    pub(super) fn fill_with(&mut self, bytes: &[u8], target: usize, syntax: Syntax, at_end: bool, run: Run) {
        self.starts.clear();
        self.records.clear();
        self.starts.push(0);
        self.records.push(0);
        self.one_line_each = true;
        self.unclosed_quote = false;
        let mut pos = 0;
        loop {
            // SAFETY: `best_run` only gives functions whose instructions the processor has.
            let in_quotes = match unsafe { run(self, bytes, pos, target, syntax) } {
                Stop::Target => return,
                Stop::OutOfBytes { in_quotes } => in_quotes,
                Stop::Irregular => match self.exact_record(bytes, syntax) {
                    RecordEnd::LineEnd(end) => {
                        self.end_record(end);
                        pos = end + 1;
                        if pos >= target {
                            return;
                        }
                        continue;
                    }
                    RecordEnd::OutOfBytes { in_quotes } => in_quotes,
                },
            };
            if at_end && syntax.skip_between(bytes, self.end()) < bytes.len() {
                self.end_record(bytes.len());
                self.one_line_each = false;
                self.unclosed_quote = in_quotes;
            }
            return;
        }
    }

    /// Replaces what is known of the record that begins at [`Index::end`] by what the machine says.
    fn exact_record(&mut self, bytes: &[u8], syntax: Syntax) -> RecordEnd {
        self.one_line_each = false;
        self.starts.truncate(self.records.last().map_or(0, |&last| last as usize) + 1);
        let start = skip_line_ends(bytes, self.end());
        run_record(bytes, start, State::FieldStart, syntax, |delimiter| {
            self.starts.push(delimiter as u32 + 1);
        })
    }

    fn end_record(&mut self, line_end: usize) {
        self.records.push(self.starts.len() as u32);
        self.starts.push(line_end as u32 + 1);
    }
}

pub(super) type Run = unsafe fn(&mut Index, &[u8], usize, usize, Syntax) -> Stop;

/// All ways that this processor knows.
#[cfg(test)]
pub(super) fn all_runs() -> Vec<Run> {
    let mut runs: Vec<Run> = vec![run::<super::block::Scalar>, best_run()];
    #[cfg(target_arch = "x86_64")]
    runs.push(run::<super::block::Sse2>);
    runs
}

#[cfg(target_arch = "x86_64")]
fn best_run() -> Run {
    let wide = std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("pclmulqdq")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("popcnt");
    if wide { run_avx2 } else { run::<super::block::Sse2> }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn best_run() -> Run {
    run::<super::block::Simd128>
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
fn best_run() -> Run {
    run::<super::block::Scalar>
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,popcnt")]
unsafe fn run_avx2(index: &mut Index, bytes: &[u8], pos: usize, target: usize, syntax: Syntax) -> Stop {
    // SAFETY: the instructions are those that this function asks for.
    unsafe { run::<super::block::Avx2>(index, bytes, pos, target, syntax) }
}

/// Indexes whole blocks from `pos`, where a record or the line ends before it begin.
///
/// # Safety
/// The processor has the instructions of `B`.
#[inline(always)]
unsafe fn run<B: Block>(index: &mut Index, bytes: &[u8], pos: usize, target: usize, syntax: Syntax) -> Stop {
    let quote = syntax.quote.unwrap_or(b'\n');
    let quotes_matter = if syntax.quote.is_some() { u64::MAX } else { 0 };
    let mut pos = pos;
    let mut padded = [0; BLOCK_BYTES];
    // What the bytes before the block leave behind, each in the lowest bit or, for the parity, in
    // all bits. A record begins like a field behind a line end.
    let mut inside = 0;
    let mut after_boundary = 1;
    let mut after_closing = 0;
    let mut after_line_end = 1;
    let mut other_line_ends = 0;
    loop {
        let left = bytes.len() - pos;
        if left == 0 {
            return Stop::OutOfBytes { in_quotes: inside != 0 };
        }
        let (block, valid) = if left >= BLOCK_BYTES {
            (bytes[pos..].as_ptr(), u64::MAX)
        } else {
            padded[..left].copy_from_slice(&bytes[pos..]);
            (padded.as_ptr(), (1 << left) - 1)
        };
        // SAFETY: both pointers have a block of bytes, and the caller promises the instructions.
        let masks = unsafe { B::masks(block, quote, syntax.delimiter) };
        let quotes = masks.quote & quotes_matter & valid;
        // SAFETY: the caller promises the instructions.
        let quoted = unsafe { B::prefix_xor(quotes) } ^ inside;
        let all_line_ends = masks.line_end & valid;
        let delimiters = masks.delimiter & valid;
        let boundaries = quotes | all_line_ends | delimiters;

        let closing = quotes & !quoted;
        let irregular = (quotes & quoted & !(boundaries << 1 | after_boundary))
            | ((closing << 1 | after_closing) & !boundaries & valid);
        let line_ends = all_line_ends & !quoted;
        // A line end right behind another one ends a blank line, or is the second half of `\r\n`.
        let mut record_ends = line_ends & !(line_ends << 1 | after_line_end);
        other_line_ends |= all_line_ends & !record_ends;
        let mut field_ends = (delimiters & !quoted) | record_ends;
        if irregular != 0 {
            let known = (irregular & irregular.wrapping_neg()) - 1;
            record_ends &= known;
            field_ends &= known;
        }

        push_positions(&mut index.starts, &mut index.records, field_ends, record_ends, pos as u32 + 1);
        if irregular != 0 {
            return Stop::Irregular;
        }
        inside = ((quoted as i64) >> 63) as u64;
        after_boundary = boundaries >> 63;
        after_closing = closing >> 63;
        after_line_end = line_ends >> 63;
        pos += BLOCK_BYTES;
        if pos >= bytes.len() {
            index.one_line_each &= other_line_ends == 0;
            // The parity behind the padding is that behind the last byte.
            return Stop::OutOfBytes { in_quotes: inside != 0 };
        }
        if pos >= target && index.records.len() > 1 {
            index.one_line_each &= other_line_ends == 0;
            return Stop::Target;
        }
    }
}

#[inline(always)]
fn push_positions(starts: &mut Vec<u32>, records: &mut Vec<u32>, fields: u64, mut ends: u64, base: u32) {
    let before = starts.len();
    starts.reserve(BLOCK_BYTES + 8);
    let count = fields.count_ones() as usize;
    // SAFETY: at most the next multiple of eight of the 64 bits are written, and only those that
    // are set are counted in.
    unsafe {
        let mut at = starts.as_mut_ptr().add(before);
        let mut bits = fields;
        let mut written = 0;
        loop {
            // Always eight: the processor need not guess how many there are. Volatile, because the
            // compiler would gather them in a vector first, which takes longer.
            for slot in 0..8 {
                at.add(slot).write_volatile(base.wrapping_add(bits.trailing_zeros()));
                bits &= bits.wrapping_sub(1);
            }
            written += 8;
            if written >= count {
                break;
            }
            at = at.add(8);
        }
        starts.set_len(before + count);
    }
    while ends != 0 {
        let below = (ends & ends.wrapping_neg()) - 1;
        records.push((before + (fields & below).count_ones() as usize) as u32);
        ends &= ends - 1;
    }
}
