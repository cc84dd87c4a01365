//! `BOOLEAN`.

/// `true` or `false` in any mixture of capitals.
pub fn parse_boolean(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// Two words that stand for true and false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BooleanWords {
    /// `true` and `false`
    TrueFalse,
    /// `yes` and `no`
    YesNo,
    /// `y` and `n`
    YN,
    /// `t` and `f`
    TF,
    /// Any of these, and `1` and `0`: where the user says that a column is boolean.
    Any,
}

impl BooleanWords {
    /// Those that are looked for beside `true` and `false`.
    pub const GUESSED: [Self; 3] = [Self::YesNo, Self::YN, Self::TF];

    /// What a text says in these words, in any mixture of capitals.
    pub fn parse(self, text: &[u8]) -> Option<bool> {
        let (yes, no): (&[&[u8]], &[&[u8]]) = match self {
            Self::TrueFalse => return parse_boolean(text),
            Self::YesNo => (&[b"yes"], &[b"no"]),
            Self::YN => (&[b"y"], &[b"n"]),
            Self::TF => (&[b"t"], &[b"f"]),
            Self::Any => (&[b"true", b"yes", b"y", b"t", b"1"], &[b"false", b"no", b"n", b"f", b"0"]),
        };
        let is = |words: &[&[u8]]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        if is(yes) { Some(true) } else { is(no).then_some(false) }
    }
}
