//! Cargo's profiles and the two ways to pack the site.
//!
//! Owns: their names. Touches: nothing else.

/// Cargo's profile for the engine. It has one for all purposes, so that what is shipped is what was tested,
/// and nothing is compiled twice.
pub const ENGINE_PROFILE: &str = "release";

/// Cargo's profile for the page, likewise.
pub const PAGE_PROFILE: &str = "page";

/// How the site is packed. The compiled code is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For tests and everyday work: functions keep their names, and compressing is quick.
    Quick,
    /// For shipping: as small as can be.
    Release,
}

impl Profile {
    /// The name on the command line.
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
