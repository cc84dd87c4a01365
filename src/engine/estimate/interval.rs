//! From sums over splits to an interval.

use millrace_protocol::Estimate;

/// The splits that were read, and how long they are: the last one of a file is shorter than others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    pub(super) splits: u64,
    pub(super) bytes: f64,
    pub(super) bytes_squared: f64,
    /// Length of the whole input.
    pub(super) bytes_total: f64,
}

/// Sums over the splits read of what each holds of one group: `total` is its count or its sum, `rows`
/// how many values that is the sum of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    /// Splits that hold the group.
    pub(super) splits: u64,
    pub(super) total: f64,
    pub(super) total_squared: f64,
    pub(super) rows: f64,
    pub(super) rows_squared: f64,
    pub(super) total_rows: f64,
    pub(super) total_bytes: f64,
}

/// Fewer splits tell nothing about the scatter between them.
const LEAST_SPLITS: u64 = 8;
/// A group that fewer splits hold may stand in one place of the file.
const LEAST_SPLITS_OF_GROUP: u64 = 5;

impl Moments {
    /// Adds what one more split of so many bytes holds.
    pub(super) fn add(&mut self, total: f64, rows: f64, bytes: f64) {
        self.splits += 1;
        self.total += total;
        self.total_squared += total * total;
        self.rows += rows;
        self.rows_squared += rows * rows;
        self.total_rows += total * rows;
        self.total_bytes += total * bytes;
    }

    /// The total of the whole input, by what a byte holds on average.
    pub(super) fn whole_total(&self, sample: Sample) -> Option<Estimate> {
        let n = self.enough(sample)?;
        let rate = self.total / sample.bytes;
        let residuals =
            self.total_squared - 2.0 * rate * self.total_bytes + rate * rate * sample.bytes_squared;
        let variance = (residuals / (n - 1.0)).max(0.0);
        let error = (unread(sample) * variance / n).sqrt() / (sample.bytes / n);
        interval(rate * sample.bytes_total, error * sample.bytes_total, n)
    }

    /// The total of the whole input where it only grows: what was counted is there.
    pub(super) fn whole_count(&self, sample: Sample) -> Option<Estimate> {
        let estimate = self.whole_total(sample)?;
        Some(Estimate { low: estimate.low.max(self.total), ..estimate })
    }

    /// The average of the whole input.
    pub(super) fn whole_average(&self, sample: Sample) -> Option<Estimate> {
        let n = self.enough(sample)?;
        if self.rows <= 0.0 {
            return None;
        }
        let ratio = self.total / self.rows;
        let residuals =
            self.total_squared - 2.0 * ratio * self.total_rows + ratio * ratio * self.rows_squared;
        let variance = (residuals / (n - 1.0)).max(0.0);
        let error = (unread(sample) * variance / n).sqrt() / (self.rows / n);
        interval(ratio, error, n)
    }

    /// The number of splits read, if they are enough.
    fn enough(&self, sample: Sample) -> Option<f64> {
        let enough = sample.splits >= LEAST_SPLITS && self.splits >= LEAST_SPLITS_OF_GROUP;
        enough.then_some(sample.splits as f64)
    }
}

/// The finite population correction: what was read is certain.
fn unread(sample: Sample) -> f64 {
    (1.0 - sample.bytes / sample.bytes_total).max(0.0)
}

fn interval(value: f64, error: f64, splits: f64) -> Option<Estimate> {
    let margin = error * student(splits - 1.0);
    (value.is_finite() && margin.is_finite()).then_some(Estimate {
        value,
        low: value - margin,
        high: value + margin,
    })
}

/// The 97.5 % point of Student's distribution, by its expansion around the normal one (Abramowitz and
/// Stegun 1964, 26.7.5); right to three digits from seven degrees of freedom on.
fn student(degrees: f64) -> f64 {
    const Z: f64 = 1.959_963_985;
    let z2 = Z * Z;
    let first = Z * (z2 + 1.0) / 4.0;
    let second = Z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = Z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    Z + first / degrees + second / degrees.powi(2) + third / degrees.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_is_as_in_the_tables() {
        for (degrees, expected) in [(7.0, 2.3646), (10.0, 2.2281), (30.0, 2.0423), (120.0, 1.9799)] {
            assert!((student(degrees) - expected).abs() < 2e-3, "{degrees}: {}", student(degrees));
        }
    }

    fn sample(splits: u64, bytes_total: f64) -> Sample {
        let bytes = splits as f64 * 10.0;
        Sample { splits, bytes, bytes_squared: bytes * 10.0, bytes_total }
    }

    #[test]
    fn few_splits_tell_nothing() {
        let mut moments = Moments::default();
        for _ in 0..4 {
            moments.add(1.0, 1.0, 10.0);
        }
        assert_eq!(moments.whole_total(sample(20, 1000.0)), None);
        moments.add(1.0, 1.0, 10.0);
        assert!(moments.whole_total(sample(20, 1000.0)).is_some());
        assert_eq!(moments.whole_total(sample(7, 1000.0)), None);
    }

    #[test]
    fn what_was_read_wholly_is_certain() {
        let mut moments = Moments::default();
        for split in 0..10 {
            moments.add(f64::from(split), 2.0, 10.0);
        }
        let total = moments.whole_total(sample(10, 100.0)).expect("an estimate");
        assert_eq!((total.low, total.value, total.high), (45.0, 45.0, 45.0));
        let average = moments.whole_average(sample(10, 100.0)).expect("an estimate");
        assert_eq!((average.low, average.value, average.high), (2.25, 2.25, 2.25));
    }

    #[test]
    fn what_goes_by_the_length_of_splits_is_certain_too() {
        let mut moments = Moments::default();
        let mut sample = Sample { bytes_total: 1000.0, ..Sample::default() };
        for bytes in (0..9).map(|split| if split == 4 { 3.0 } else { 10.0 }) {
            moments.add(2.0 * bytes, 1.0, bytes);
            sample.splits += 1;
            sample.bytes += bytes;
            sample.bytes_squared += bytes * bytes;
        }
        let total = moments.whole_total(sample).expect("an estimate");
        assert!((total.value - 2000.0).abs() < 1e-9 && total.high - total.low < 1e-3, "{total:?}");
    }
}
