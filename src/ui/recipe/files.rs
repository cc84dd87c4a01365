//! Which of the files at hand is the one that a recipe means.

use crate::FileRef;

/// A file at hand that stands for a wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its place among the offered ones.
    pub place: usize,
    /// Whether it has the size that the recipe knows; it has changed otherwise.
    pub is_same: bool,
}

/// The offered file of that name, one with the same size before others, and of several the last.
pub fn find(wanted: &FileRef, offered: &[FileRef]) -> Option<Found> {
    if let Some(place) = offered.iter().rposition(|file| file == wanted) {
        return Some(Found { place, is_same: true });
    }
    let place = offered.iter().rposition(|file| file.name == wanted.name)?;
    Some(Found { place, is_same: false })
}
