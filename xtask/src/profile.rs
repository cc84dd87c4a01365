//! The two ways to build for the browser.
//!
//! Owns: their names. Touches: nothing else.

/// A profile of the root Cargo.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For tests and everyday work: fast to link.
    Quick,
    /// For shipping: small and fast to run.
    Release,
}

impl Profile {
    /// The name in Cargo.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Quick, Self::Release].into_iter().find(|profile| profile.name() == name)
    }
}
