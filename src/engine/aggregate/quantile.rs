//! A quantile: `approx_quantile(x, q [, centroids])`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion_functions_aggregate_common::tdigest::{Centroid, TDigest};

use super::Aggregate;
use super::arguments::Arguments;
use super::bytes::{Saved, push_count};
use super::numbers::{Line, fractions, from_whole};
use super::sketch::{Sketch, function};

/// As many as DuckDB and DataFusion's `approx_percentile_cont` have.
const CENTROIDS: u32 = 100;

/// Values that wait to be sorted into the digest together.
const FRESH_VALUES: usize = 1024;

/// Digests that wait to be merged together: each merge costs accuracy.
const WAITING_DIGESTS: usize = 16;

/// The t-digest of DataFusion. Dunning, Ertl: Computing extremely accurate quantiles using t-digests,
/// arXiv:1902.04023.
pub(super) const APPROX_QUANTILE: Aggregate = Aggregate {
    name: "approx_quantile",
    aliases: &["approx_percentile"],
    example: "approx_quantile(x, 0.5)",
    any_order: false,
    function: function::<Quantile>,
};

#[derive(Debug)]
pub(super) struct Quantile {
    fraction: f64,
    centroids: usize,
    line: Line,
    value_type: DataType,
}

/// A digest and what is to be merged into it. Infinite numbers are counted beside it, since a mean
/// with one of them says nothing; NaN has no rank and is left out.
#[derive(Debug)]
pub(super) struct Digest {
    merged: TDigest,
    fresh: Vec<f64>,
    waiting: Vec<TDigest>,
    waiting_bytes: usize,
    negative_infinite: u64,
    positive_infinite: u64,
}

impl Digest {
    fn merge_waiting(&mut self) {
        if !self.fresh.is_empty() {
            self.fresh.sort_unstable_by(f64::total_cmp);
            self.merged = self.merged.merge_sorted_f64(&self.fresh);
            self.fresh.clear();
        }
        if !self.waiting.is_empty() {
            self.merged = TDigest::merge_digests(self.waiting.iter().chain([&self.merged]));
            self.waiting.clear();
            self.waiting_bytes = 0;
        }
    }

    fn quantile(&mut self, fraction: f64) -> Option<f64> {
        self.merge_waiting();
        let (below, above) = (self.negative_infinite as f64, self.positive_infinite as f64);
        let finite = self.merged.count();
        let rank = fraction * (below + finite + above);
        if finite > 0.0 && (below..=below + finite).contains(&rank) {
            return Some(self.merged.estimate_quantile((rank - below) / finite));
        }
        if above > 0.0 && rank >= below + finite {
            return Some(f64::INFINITY);
        }
        (below > 0.0).then_some(f64::NEG_INFINITY)
    }
}

impl Sketch for Quantile {
    const AGGREGATE: Aggregate = APPROX_QUANTILE;
    const USAGE: (&'static str, usize, usize) =
        ("approx_quantile(x, q) or approx_quantile(x, q, centroids)", 2, 3);

    type State = Digest;
    type Rows = Float64Array;

    fn return_type(types: &[DataType]) -> Result<DataType> {
        Ok(match Line::of(Self::AGGREGATE.name, &types[0])? {
            Line::Fractions | Line::Whole => DataType::Float64,
            Line::Days | Line::Instants(_) => types[0].clone(),
        })
    }

    fn new(arguments: &Arguments<'_>) -> Result<Self> {
        let value_type = arguments.types().swap_remove(0);
        let centroids = arguments.whole(2, "the number of centroids", 20..=10_000)?.unwrap_or(CENTROIDS);
        Ok(Self {
            fraction: arguments.fraction(1, "the quantile")?,
            centroids: centroids as usize,
            line: Line::of(Self::AGGREGATE.name, &value_type)?,
            value_type,
        })
    }

    fn empty(&self) -> Digest {
        Digest {
            merged: TDigest::new(self.centroids),
            fresh: Vec::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            negative_infinite: 0,
            positive_infinite: 0,
        }
    }

    fn read(&self, columns: &[ArrayRef]) -> Result<Float64Array> {
        fractions(&columns[0])
    }

    fn add(&self, state: &mut Digest, rows: &Float64Array, row: usize) {
        let value = rows.value(row);
        if value.is_finite() {
            state.fresh.push(value);
            if state.fresh.len() >= FRESH_VALUES {
                state.merge_waiting();
            }
        } else if value > 0.0 {
            state.positive_infinite += 1;
        } else if value < 0.0 {
            state.negative_infinite += 1;
        }
    }

    fn merge(&self, state: &mut Digest, saved: &[u8]) -> Result<()> {
        let mut saved = Saved(saved);
        state.negative_infinite += saved.count()?;
        state.positive_infinite += saved.count()?;
        let centroids = saved.count()?;
        if centroids > 0 {
            let mut number =
                || Ok::<_, datafusion::error::DataFusionError>(f64::from_le_bytes(saved.array()?));
            let (sum, count, max, min) = (number()?, number()?, number()?, number()?);
            let centroids = (0..centroids)
                .map(|_| Ok(Centroid::new(number()?, number()?)))
                .collect::<Result<Vec<_>>>()?;
            let digest = TDigest::try_from_parts(self.centroids, sum, count, max, min, centroids)?;
            state.waiting_bytes += digest.size();
            state.waiting.push(digest);
        }
        if state.waiting.len() >= WAITING_DIGESTS {
            state.merge_waiting();
        }
        Ok(())
    }

    fn save(&self, state: &mut Digest) -> Vec<u8> {
        state.merge_waiting();
        let digest = &state.merged;
        let mut out = Vec::with_capacity(40 + digest.centroids().len() * 16);
        push_count(&mut out, state.negative_infinite);
        push_count(&mut out, state.positive_infinite);
        push_count(&mut out, digest.centroids().len() as u64);
        if !digest.centroids().is_empty() {
            let whole = [digest.sum(), digest.count(), digest.max(), digest.min()];
            let parts = digest.centroids().iter().flat_map(|centroid| [centroid.mean(), centroid.weight()]);
            whole.into_iter().chain(parts).for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        }
        out
    }

    fn heap_bytes(state: &Digest) -> usize {
        state.merged.size() - size_of::<TDigest>()
            + state.fresh.capacity() * size_of::<f64>()
            + state.waiting_bytes
    }

    fn finish(&self, states: &mut [Digest]) -> Result<ArrayRef> {
        let quantiles = states.iter_mut().map(|state| state.quantile(self.fraction));
        match self.line {
            Line::Fractions | Line::Whole => Ok(Arc::new(quantiles.collect::<Float64Array>())),
            Line::Days | Line::Instants(_) => {
                let whole = quantiles.map(|quantile| quantile.map(|quantile| quantile.round() as i64));
                from_whole(whole.collect(), &self.value_type)
            }
        }
    }
}
