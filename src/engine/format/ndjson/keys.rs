//! Which column a key belongs to.

use std::collections::HashMap;
use std::sync::Arc;

use super::scan::{Fault, Scanner, Value};
use super::unescape::string_bytes;
use crate::format::value::load8;

/// The keys that objects are known to have, by number.
#[derive(Debug, Default)]
pub struct KeySet {
    plain: Vec<PlainKey>,
    numbers: HashMap<Box<[u8]>, usize>,
}

/// A key as it stands in the file, up to its closing quote.
#[derive(Debug)]
struct PlainKey {
    text: Box<[u8]>,
    /// Its first eight bytes, and ones for as many of them as it has.
    word: u64,
    mask: u64,
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub enum Member {
    /// The one whose key has this number.
    Known(usize),
    /// Its key, a string, is not in the set.
    Unknown(Value),
}

/// Finds keys by their place: objects of one kind mostly have the same keys in the same order.
#[derive(Debug)]
pub struct KeyOrder {
    keys: Arc<KeySet>,
    /// The number of the key at each place of the objects before.
    order: Vec<usize>,
    place: usize,
}

/// In the order of keys, one that is not known.
const UNKNOWN: usize = usize::MAX;
/// Places that are remembered: many more than any sensible object has.
const MAX_PLACES: usize = 1 << 16;

impl KeySet {
    /// The keys, numbered from 0.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut set = Self::default();
        for (number, key) in keys.into_iter().enumerate() {
            set.plain.push(PlainKey::new(key));
            set.numbers.insert(key.into(), number);
        }
        set
    }
}

impl PlainKey {
    fn new(key: &[u8]) -> Self {
        let plain = key.iter().all(|&byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        let text: Box<[u8]> = [key, b"\""].concat().into();
        if !plain {
            // A mask of zeros leaves of no text the word 1: such a key is never found by its bytes.
            return Self { text, word: 1, mask: 0 };
        }
        let (mut word, mut mask) = ([0; 8], [0; 8]);
        for (place, &byte) in text.iter().take(8).enumerate() {
            word[place] = byte;
            mask[place] = 0xff;
        }
        Self { text, word: u64::from_le_bytes(word), mask: u64::from_le_bytes(mask) }
    }

    /// Whether the text begins with the key and its closing quote.
    #[inline(always)]
    fn begins(&self, text: &[u8]) -> bool {
        load8(text, 0).is_some_and(|word| word & self.mask == self.word)
            && (self.text.len() <= 8 || text.starts_with(&self.text))
    }
}

impl KeyOrder {
    /// Nothing is known yet about the order.
    pub fn new(keys: Arc<KeySet>) -> Self {
        Self { keys, order: Vec::new(), place: 0 }
    }

    /// The next key is the first of an object.
    #[inline(always)]
    pub fn begin(&mut self) {
        self.place = 0;
    }

    /// Goes over a key, whose opening quote is next.
    ///
    /// # Errors
    /// When it is no string.
    #[inline(always)]
    pub fn next(&mut self, scanner: &mut Scanner<'_>) -> Result<Member, Fault> {
        if let Some(&number) = self.order.get(self.place)
            && let Some(plain) = self.keys.plain.get(number)
            && let Some(rest) = scanner.bytes.get(scanner.pos + 1..)
            && plain.begins(rest)
        {
            self.place += 1;
            scanner.pos += plain.text.len() + 1;
            return Ok(Member::Known(number));
        }
        self.search(scanner)
    }

    #[inline(never)]
    fn search(&mut self, scanner: &mut Scanner<'_>) -> Result<Member, Fault> {
        let key = scanner.string()?;
        let (text, _) = string_bytes(scanner.bytes, key);
        let number = self.keys.numbers.get(&*text).copied();
        match self.order.get_mut(self.place) {
            Some(known) => *known = number.unwrap_or(UNKNOWN),
            None if self.place < MAX_PLACES => self.order.push(number.unwrap_or(UNKNOWN)),
            None => (),
        }
        self.place += 1;
        Ok(number.map_or(Member::Unknown(key), Member::Known))
    }
}
