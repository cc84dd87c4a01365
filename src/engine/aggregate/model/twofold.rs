//! Numbers of twice a double's digits, as a sum of two doubles (Dekker, "A floating-point technique for extending the
//! available precision", 1971). WebAssembly has no fused multiplication and addition, so products are split.

use std::ops::{Add, Mul, Neg};

/// `high + low`, where `low` is at most half a unit of `high`'s last place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Twofold {
    /// The number as a double.
    pub(super) high: f64,
    /// What the double lacks.
    pub(super) low: f64,
}

impl Twofold {
    /// The square root, of what is not negative.
    pub(super) fn root(self) -> Self {
        let root = self.high.sqrt();
        if root == 0.0 {
            return Self::default();
        }
        let left = self + -product(root, root);
        exact_sum(root, left.high / (2.0 * root))
    }

    /// The quotient of two such numbers, to a few units of its last place.
    pub(super) fn by(self, divisor: Self) -> Self {
        let quotient = self.high / divisor.high;
        let left = self + -(divisor * Self::from(quotient));
        let more = left.high / divisor.high;
        let rest = left + -(divisor * Self::from(more));
        exact_sum(quotient, more) + Self::from(rest.high / divisor.high)
    }
}

impl From<f64> for Twofold {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Neg for Twofold {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for Twofold {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        let sum = exact_sum(self.high, other.high);
        exact_sum(sum.high, sum.low + (self.low + other.low))
    }
}

impl Mul for Twofold {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        let both = product(self.high, other.high);
        exact_sum(both.high, both.low + (self.high * other.low + self.low * other.high))
    }
}

/// The sum of two doubles without an error (Knuth).
#[inline]
fn exact_sum(one: f64, other: f64) -> Twofold {
    let high = one + other;
    let rounded = high - one;
    Twofold { high, low: (one - (high - rounded)) + (other - rounded) }
}

/// The product of two doubles without an error (Veltkamp and Dekker).
#[inline]
fn product(one: f64, other: f64) -> Twofold {
    let high = one * other;
    let ((a, b), (c, d)) = (halves(one), halves(other));
    Twofold { high, low: ((a * c - high) + a * d + b * c) + b * d }
}

/// A double as the sum of two of 26 bits.
#[inline]
fn halves(number: f64) -> (f64, f64) {
    let spread = number * 134_217_729.0;
    let high = spread - (spread - number);
    (high, number - high)
}

#[cfg(test)]
mod tests {
    use super::Twofold;

    #[test]
    fn digits_that_a_double_loses_stay() {
        let third = Twofold::from(1.0).by(Twofold::from(3.0));
        let one = third + third + third;
        assert!((one.high - 1.0 + one.low).abs() < 1e-31, "{one:?}");
        let two = Twofold::from(2.0).root();
        assert!((two * two + -Twofold::from(2.0)).high.abs() < 1e-31, "{two:?}");
        let small = Twofold::from(1.0) + Twofold::from(1e-20);
        let lost = (small * small) + -Twofold::from(1.0);
        assert!((lost.high / 2e-20 - 1.0).abs() < 1e-10, "{lost:?}");
    }
}
