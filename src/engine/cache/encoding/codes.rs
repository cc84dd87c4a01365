//! Small unsigned numbers in as few whole bytes as the largest of them needs.

/// Numbers of one batch.
#[derive(Debug)]
pub(super) enum Codes {
    /// Up to 255.
    One(Vec<u8>),
    /// Up to 65,535.
    Two(Vec<u16>),
    /// Up to 4,294,967,295.
    Four(Vec<u32>),
}

impl Codes {
    /// Numbers of which none is larger than `largest`, which a caller has made sure of.
    pub(super) fn new(largest: u32, numbers: impl Iterator<Item = u32>) -> Self {
        if largest <= u32::from(u8::MAX) {
            Self::One(numbers.map(|number| number as u8).collect())
        } else if largest <= u32::from(u16::MAX) {
            Self::Two(numbers.map(|number| number as u16).collect())
        } else {
            Self::Four(numbers.collect())
        }
    }

    /// Turns each number into a value.
    pub(super) fn map<T>(&self, value: impl Fn(u32) -> T) -> Vec<T> {
        match self {
            Self::One(codes) => codes.iter().map(|&code| value(code.into())).collect(),
            Self::Two(codes) => codes.iter().map(|&code| value(code.into())).collect(),
            Self::Four(codes) => codes.iter().map(|&code| value(code)).collect(),
        }
    }

    /// Memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::One(codes) => codes.capacity(),
            Self::Two(codes) => codes.capacity() * 2,
            Self::Four(codes) => codes.capacity() * 4,
        }
    }
}
