//! One hash function for all sketches: the same on every machine, so that page and command line give
//! the same answer.

use siphasher::sip::SipHasher13;

/// The hash of a value's bytes. Different keys give hashes that have nothing to do with each other.
pub(super) fn hash(key: u64, bytes: &[u8]) -> u64 {
    SipHasher13::new_with_keys(key, 0).hash(bytes)
}
