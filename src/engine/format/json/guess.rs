//! Where an element starts, for those who begin in the middle of a document.

use memchr::memmem;

use super::structure::{Next, element_end, next_element, push_line, skip_space, string_end};

/// Ways to begin that are remembered.
const MAX_BEGINNINGS: usize = 8;
/// Elements behind a place that are looked at before it is taken for the start of one.
const MAX_CHECKED: usize = 64;

/// How elements begin.
#[derive(Clone, Debug)]
pub struct Guess {
    beginnings: Vec<Beginning>,
    in_array: bool,
    /// Whether nothing but space may stand behind the array.
    at_top: bool,
}

/// A way to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Beginning {
    /// From the bracket to behind the first key.
    text: Vec<u8>,
    /// The space before it; absent for the first element, before which something else stands.
    space: Option<Vec<u8>>,
}

/// What a place seems to be; where it is not the start of an element, up to which position there is none.
enum Seems {
    Right,
    /// The array ends there, if it is the one.
    ToEnd(usize),
    Wrong(usize),
}

impl Guess {
    /// From the elements of a sample, by their positions in it.
    pub fn new(text: &[u8], starts: &[usize], in_array: bool, at_top: bool) -> Self {
        let mut beginnings: Vec<Beginning> = Vec::new();
        for (number, &start) in starts.iter().enumerate() {
            let key = skip_space(text, start + 1);
            let end = if text.get(key) == Some(&b'"') { string_end(text, key) } else { None };
            let Some(end) = end.filter(|_| text[start] == b'{') else { continue };
            let before = text[..start].trim_ascii_end().len();
            let space = (number > 0).then(|| text[before..start].to_vec());
            let beginning = Beginning { text: text[start..end].to_vec(), space };
            if beginnings.len() < MAX_BEGINNINGS && !beginnings.contains(&beginning) {
                beginnings.push(beginning);
            }
        }
        // The first element begins as the others do, behind other signs.
        if beginnings.iter().any(|beginning| beginning.space.is_some()) {
            beginnings.retain(|beginning| beginning.space.is_some());
        }
        Self { beginnings, in_array, at_top }
    }

    /// The first position from `from` on, and before `end`, at which an element seems to start. One from which
    /// on the array goes on beyond the bytes is rather right than one whose array ends, as one in an element
    /// does too.
    pub fn first(&self, bytes: &[u8], from: usize, end: usize) -> Option<usize> {
        let mut from = from;
        let mut ending = None;
        while from < end {
            let found = self.beginnings.iter().filter_map(|beginning| {
                let mut all = memmem::find_iter(&bytes[from..], &beginning.text).map(|place| from + place);
                all.find(|&place| beginning.fits(bytes, place, self.in_array))
            });
            let Some(place) = found.min().filter(|&place| place < end) else { break };
            from = match self.check(bytes, place) {
                Seems::Right => return Some(place),
                Seems::ToEnd(behind) => {
                    ending.get_or_insert(place);
                    behind
                }
                Seems::Wrong(behind) => behind,
            };
            from = from.max(place + 1);
        }
        ending
    }

    /// Whether elements follow from `place` on as they should.
    fn check(&self, bytes: &[u8], place: usize) -> Seems {
        let mut pos = place;
        for _ in 0..MAX_CHECKED {
            let Some(end) = element_end(bytes, pos) else { return Seems::Right };
            match next_element(bytes, end, self.in_array) {
                // Without a comma before it, or with a key behind it, this is a part of another object.
                Next::Element(next) if self.in_array != bytes[end..next].contains(&b',') => {
                    return Seems::Wrong(end);
                }
                Next::Element(next) if bytes[next] == b'"' => return Seems::Wrong(end),
                Next::Element(next) if !self.in_array && bytes[next] != b'{' => return Seems::Wrong(end),
                Next::Element(next) => pos = next,
                Next::End(end) if !self.at_top => return Seems::ToEnd(end),
                Next::End(end) if skip_space(bytes, end + 1) < bytes.len() => return Seems::Wrong(end),
                Next::End(_) | Next::Nothing => return Seems::Right,
            }
        }
        Seems::Right
    }

    /// The elements of a piece from anywhere, as lines.
    pub fn lines(&self, piece: &[u8]) -> Vec<u8> {
        let mut lines = vec![b'\n'];
        let Some(mut pos) = self.first(piece, 0, piece.len()) else { return Vec::new() };
        while let Some(end) = element_end(piece, pos) {
            push_line(&piece[pos..end], &mut lines);
            match next_element(piece, end, self.in_array) {
                Next::Element(next) => pos = next,
                Next::End(_) | Next::Nothing => break,
            }
        }
        lines
    }
}

impl Beginning {
    /// Whether what stands before `place` is what stands before elements, as far as it is there.
    fn fits(&self, bytes: &[u8], place: usize, in_array: bool) -> bool {
        let Some(space) = &self.space else { return true };
        let before = &bytes[..place];
        let here = &before[before.trim_ascii_end().len()..];
        if here.len() == before.len() {
            return space.ends_with(here);
        }
        let sign = before[before.len() - here.len() - 1];
        here == space && (sign == b',' || !in_array && sign == b'}')
    }
}
