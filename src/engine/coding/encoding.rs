//! Text in other encodings than UTF-8.
//!
//! A mark at the beginning settles the encoding; so do NUL bytes in every second place for UTF-16. What is
//! valid UTF-8 is UTF-8. For anything else chardetng guesses, as Firefox does for pages that do not say.
//!
//! The state between two pieces is nothing but the bytes of an unfinished character, so that it can be copied.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Damage, Unpacker};

/// Bytes that are held back for the end of a character. Where nothing in them tells characters apart, as in
/// a line of ideographs without end, they are cut anywhere.
const HELD_BYTES: usize = 64 << 10;

/// The encoding of a sample, if it is not UTF-8, and whether that is a guess.
pub(crate) fn detect_encoding(sample: &[u8], is_whole: bool) -> Option<(&'static Encoding, bool)> {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return (encoding != UTF_8).then_some((encoding, false));
    }
    if let Some(encoding) = unmarked_utf16(sample) {
        return Some((encoding, true));
    }
    match std::str::from_utf8(sample) {
        Ok(_) => return None,
        // The sample may end inside a character.
        Err(error) if error.error_len().is_none() && !is_whole => return None,
        Err(_) => (),
    }
    // A file with NUL bytes is no text, and is refused as what it is.
    if memchr::memchr(0, sample).is_some() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, is_whole);
    let guess = detector.guess(None, Utf8Detection::Allow);
    (guess != UTF_8 && !is_mostly_utf8(sample)).then_some((guess, true))
}

/// The encoding of this name, as the Encoding Standard of browsers has it; none for UTF-8.
///
/// # Errors
/// When there is none of this name.
pub(crate) fn named_encoding(name: &str) -> Result<Option<&'static Encoding>, String> {
    match Encoding::for_label(name.trim().as_bytes()) {
        Some(encoding) if encoding == UTF_8 => Ok(None),
        Some(encoding) if encoding.output_encoding() == encoding || is_utf16(encoding) => Ok(Some(encoding)),
        _ => Err(format!("there is no encoding of characters called {name}")),
    }
}

/// Text in a western language has a NUL in nearly every second place and in no other.
fn unmarked_utf16(sample: &[u8]) -> Option<&'static Encoding> {
    let nuls = |first: usize| sample.iter().skip(first).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let looks =
        sample.len() >= 8 && even.max(odd) > sample.len() * 4 / 10 && even.min(odd) < sample.len() / 50 + 1;
    looks.then_some(if odd > even { UTF_16LE } else { UTF_16BE })
}

/// Whether text is UTF-8 with a few damaged characters, which are reported as bad rows.
fn is_mostly_utf8(sample: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 10 * bad
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Turns text of an encoding into UTF-8.
#[derive(Clone)]
pub(super) struct Transcoder {
    encoding: &'static Encoding,
    held: Vec<u8>,
    has_begun: bool,
}

impl Transcoder {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self { encoding, held: Vec::new(), has_begun: false }
    }

    /// Appends the first `len` of the bytes held.
    fn decode(&mut self, len: usize, text: &mut Vec<u8>) {
        let mut bytes = &self.held[..len];
        if !self.has_begun && len > 0 {
            self.has_begun = true;
            if let Some((encoding, mark_len)) = Encoding::for_bom(bytes)
                && encoding == self.encoding
            {
                bytes = &bytes[mark_len..];
            }
        }
        let (decoded, _) = self.encoding.decode_without_bom_handling(bytes);
        text.extend_from_slice(decoded.as_bytes());
        self.held.drain(..len);
    }

    /// How many of the bytes held are whole characters.
    fn whole_bytes(&self) -> usize {
        let held = &self.held;
        if is_utf16(self.encoding) {
            let even = held.len() / 2 * 2;
            let high_byte = even.checked_sub(if self.encoding == UTF_16LE { 1 } else { 2 });
            let is_first_half = high_byte.is_some_and(|at| held[at] & 0xfc == 0xd8);
            return if is_first_half { even - 2 } else { even };
        }
        if self.encoding.is_single_byte() {
            return held.len();
        }
        // Below the digits no byte is part of another character, in any encoding of several bytes.
        match held.iter().rposition(|&byte| byte < b'0') {
            Some(last) => last + 1,
            None if held.len() > HELD_BYTES => held.len(),
            None => 0,
        }
    }
}

impl Unpacker for Transcoder {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, _: usize) -> Result<usize, Damage> {
        self.held.extend_from_slice(packed);
        self.decode(self.whole_bytes(), text);
        Ok(packed.len())
    }

    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), Damage> {
        self.decode(self.held.len(), text);
        Ok(())
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(self.clone()))
    }

    fn is_fresh(&self) -> bool {
        self.held.is_empty()
    }
}
