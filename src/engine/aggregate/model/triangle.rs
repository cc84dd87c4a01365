//! The triangle that rows leave behind: R of a QR decomposition.
//!
//! RᵀR is the sum of the rows' products, as the normal equations have it, but R comes about without squaring what is
//! lost to rounding. Rows are turned into it by Givens rotations of twice a double's digits; of many rows, a few at a time
//! become a triangle of their own before, by Householder reflections (Golub and Van Loan, "Matrix Computations", §5.2),
//! which is quicker. Triangles merge the same way (TSQR: Demmel, Grigori, Hoemmen, Langou, arXiv:0808.2664).

use datafusion::error::Result;

use super::twofold::Twofold;
use crate::aggregate::bytes::{Saved, damaged, push_count};

/// Rows that are reflected at once: more would not be quicker, and each group keeps so many.
const BLOCK_ROWS: usize = 32;
/// So many rows are turned in one by one instead. Where there are few, each digit can count; of many, errors average
/// out.
const EXACT_ROWS: u64 = 2048;

/// An upper triangle over so many columns, and how many rows went into it.
#[derive(Clone, Debug, Default)]
pub(super) struct Triangle {
    width: usize,
    rows: u64,
    /// Row by row, each from its diagonal on.
    cells: Vec<Twofold>,
    /// Rows that are not in it yet, one behind the other.
    waiting: Vec<f64>,
}

impl Triangle {
    /// Number of columns, 0 before the first row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Rows that were added.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The cell in the upper triangle, `row <= column < width`, once [`Triangle::settle`] was called.
    pub(super) fn cell(&self, row: usize, column: usize) -> f64 {
        self.exact(row, column).high
    }

    /// The same with all digits.
    pub(super) fn exact(&self, row: usize, column: usize) -> Twofold {
        self.cells[self.place(row) + column - row]
    }

    /// Adds a row of observations.
    pub(super) fn add(&mut self, row: &[f64]) {
        self.width = row.len();
        self.rows += 1;
        if self.rows <= EXACT_ROWS {
            self.settle();
            let mut row: Vec<Twofold> = row.iter().map(|&cell| Twofold::from(cell)).collect();
            return self.turn_in(&mut row, 0);
        }
        self.waiting.extend_from_slice(row);
        if self.waiting.len() >= BLOCK_ROWS * self.width {
            self.settle();
        }
    }

    /// Adds what another triangle has, which is settled.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.rows == 0 {
            return;
        }
        self.width = other.width;
        self.settle();
        let mut row = Vec::with_capacity(other.width);
        for first in 0..other.width {
            row.clear();
            row.extend_from_slice(&other.cells[other.place(first)..other.place(first + 1)]);
            self.turn_in(&mut row, first);
        }
        self.rows += other.rows;
    }

    /// Takes in the rows that wait.
    pub(super) fn settle(&mut self) {
        if self.cells.is_empty() {
            self.cells = vec![Twofold::default(); self.width * (self.width + 1) / 2];
        }
        if self.waiting.is_empty() {
            return;
        }
        let mut block = std::mem::take(&mut self.waiting);
        reflect(&mut block, self.width);
        let mut row = Vec::with_capacity(self.width);
        for (first, reflected) in block.chunks_exact(self.width).take(self.width).enumerate() {
            row.clear();
            row.extend(reflected[first..].iter().map(|&cell| Twofold::from(cell)));
            self.turn_in(&mut row, first);
        }
        block.clear();
        self.waiting = block;
    }

    /// The triangle of the columns from `first` on, about what those before explain: with a first column of ones, that of
    /// the other columns about their means.
    pub(super) fn below(&self, first: usize) -> Self {
        let width = self.width.saturating_sub(first);
        let cells = self.cells[self.place(first)..].to_vec();
        Self { width, rows: self.rows, cells, waiting: Vec::new() }
    }

    /// Adds a row that is 0 before column `first`, without counting it. What becomes of `row` is of no use.
    pub(super) fn turn_in(&mut self, row: &mut [Twofold], first: usize) {
        for index in 0..row.len() {
            let incoming = row[index];
            if incoming.high == 0.0 {
                continue;
            }
            let start = self.place(first + index);
            let own = self.cells[start];
            let length = (own * own + incoming * incoming).root();
            let (cosine, sine) = (own.by(length), incoming.by(length));
            let mine = &mut self.cells[start..start + row.len() - index];
            for (mine, incoming) in mine.iter_mut().zip(&mut row[index..]) {
                let turned = cosine * *mine + sine * *incoming;
                *incoming = cosine * *incoming + -(sine * *mine);
                *mine = turned;
            }
        }
    }

    /// The bytes of it, settled.
    pub(super) fn save(&mut self) -> Vec<u8> {
        self.settle();
        let mut out = Vec::with_capacity(16 + self.cells.len() * size_of::<Twofold>());
        push_count(&mut out, self.width as u64);
        push_count(&mut out, self.rows);
        for cell in &self.cells {
            out.extend(cell.high.to_le_bytes());
            out.extend(cell.low.to_le_bytes());
        }
        out
    }

    /// # Errors
    /// When the bytes are not those of a triangle.
    pub(super) fn load(saved: &[u8]) -> Result<Self> {
        let mut saved = Saved(saved);
        let (width, rows) = (saved.count()?, saved.count()?);
        let mut cells = Vec::new();
        while !saved.is_empty() {
            let (high, low) = (f64::from_le_bytes(saved.array()?), f64::from_le_bytes(saved.array()?));
            cells.push(Twofold { high, low });
        }
        let width = usize::try_from(width).ok().filter(|width| *width <= cells.len()).ok_or_else(damaged)?;
        if cells.len() != width * (width + 1) / 2 {
            return Err(damaged());
        }
        Ok(Self { width, rows, cells, waiting: Vec::new() })
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.cells.capacity() * size_of::<Twofold>() + self.waiting.capacity() * size_of::<f64>()
    }

    /// Where a row begins in `cells`.
    fn place(&self, row: usize) -> usize {
        row * self.width - row * row.saturating_sub(1) / 2
    }
}

/// Makes the first rows of a block an upper triangle, in place. What is below the diagonal is of no use afterwards.
fn reflect(block: &mut [f64], width: usize) {
    let rows = block.len() / width;
    for column in 0..width.min(rows.saturating_sub(1)) {
        let below: f64 = (column + 1..rows).map(|row| block[row * width + column].powi(2)).sum();
        if below == 0.0 {
            continue;
        }
        let head = block[column * width + column];
        // Away from zero, so that no digits cancel.
        let length = -(head * head + below).sqrt().copysign(head);
        let first = head - length;
        let scale = -1.0 / (length * first);
        for other in column + 1..width {
            let along = |row: usize| block[row * width + column] * block[row * width + other];
            let shadow = first * block[column * width + other] + (column + 1..rows).map(along).sum::<f64>();
            let factor = shadow * scale;
            block[column * width + other] -= factor * first;
            for row in column + 1..rows {
                block[row * width + other] -= factor * block[row * width + column];
            }
        }
        block[column * width + column] = length;
    }
}

#[cfg(test)]
mod tests {
    use super::Triangle;

    fn products(triangle: &Triangle, width: usize) -> Vec<f64> {
        let cell = |row: usize, column: usize| if row <= column { triangle.cell(row, column) } else { 0.0 };
        let product = |i: usize, j: usize| (0..width).map(|row| cell(row, i) * cell(row, j)).sum();
        (0..width).flat_map(|i| (0..width).map(move |j| (i, j))).map(|(i, j)| product(i, j)).collect()
    }

    #[test]
    fn it_keeps_the_products_of_the_columns_however_rows_are_divided() {
        let rows: Vec<[f64; 3]> =
            (0..50).map(|n| [1.0, f64::from(n) * 0.7 - 9.0, f64::from(n * n % 13)]).collect();
        let mut expected = vec![0.0; 9];
        for row in &rows {
            for i in 0..3 {
                for j in 0..3 {
                    expected[i * 3 + j] += row[i] * row[j];
                }
            }
        }
        for parts in [1, 2, 7] {
            let mut whole = Triangle::default();
            for part in rows.chunks(rows.len().div_ceil(parts)) {
                let mut triangle = Triangle::default();
                part.iter().for_each(|row| triangle.add(row));
                let loaded = Triangle::load(&triangle.save()).expect("what was saved");
                whole.merge(&loaded);
            }
            whole.settle();
            assert_eq!(whole.rows(), 50);
            for (found, wanted) in products(&whole, 3).iter().zip(&expected) {
                assert!(
                    (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
                    "{found} {wanted}, {parts} parts"
                );
            }
        }
    }

    #[test]
    fn damage_is_an_error() {
        let mut triangle = Triangle::default();
        triangle.add(&[1.0, 2.0]);
        let saved = triangle.save();
        assert!(Triangle::load(&saved[..saved.len() - 8]).is_err());
        assert!(Triangle::load(&saved[..saved.len() - 1]).is_err());
    }
}
