//! Streams of deflate, whose state can be copied.
//!
//! Touches: zlib-rs below its stable interface, which cannot copy. The calls are those that its stable
//! `Inflate` makes, and `inflateCopy` of zlib.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use zlib_rs::InflateFlush;
use zlib_rs::c_api::z_stream;
use zlib_rs::inflate::{self, InflateConfig, InflateStream};

use super::Stepped;

/// What of a stream of deflate has been read.
pub(super) struct Inflater {
    stream: InflateStream<'static>,
    window_bits: i32,
    is_fresh: bool,
}

impl Inflater {
    /// A stream with the header and the checksum of gzip.
    pub(super) fn gzip() -> Self {
        Self::new(16 + 15)
    }

    /// A stream with neither, as in ZIP archives.
    pub(super) fn raw() -> Self {
        Self::new(-15)
    }

    fn new(window_bits: i32) -> Self {
        let stream = InflateStream::new(InflateConfig { window_bits });
        Self { stream, window_bits, is_fresh: true }
    }

    /// Inflates until bytes or room are used up, or the stream ends.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub(super) fn step(&mut self, packed: &[u8], room: &mut [u8]) -> Result<Stepped, String> {
        let given = u32::try_from(packed.len()).unwrap_or(u32::MAX);
        let free = u32::try_from(room.len()).unwrap_or(u32::MAX);
        self.is_fresh = false;
        // SAFETY: zlib-rs lays both structures out alike for this. The pointers are valid for the lengths
        // beside them as long as `inflate` runs, and are set anew before it runs again.
        let code = unsafe {
            let raw = std::ptr::from_mut(&mut self.stream).cast::<z_stream>();
            (*raw).next_in = packed.as_ptr();
            (*raw).avail_in = given;
            (*raw).next_out = room.as_mut_ptr();
            (*raw).avail_out = free;
            inflate::inflate(&mut self.stream, InflateFlush::NoFlush)
        };
        // SAFETY: as above; the message is a constant of zlib-rs that ends with a NUL.
        let (left_in, left_out, message) = unsafe {
            let raw = std::ptr::from_ref(&self.stream).cast::<z_stream>();
            let message = (*raw).msg;
            let message =
                (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned());
            ((*raw).avail_in, (*raw).avail_out, message)
        };
        let stepped =
            |ended| Stepped { taken: (given - left_in) as usize, made: (free - left_out) as usize, ended };
        // In C these are Z_OK, Z_STREAM_END and Z_BUF_ERROR, which says that nothing could be done.
        match code as i32 {
            0 | -5 => Ok(stepped(false)),
            1 => Ok(stepped(true)),
            other => Err(message.unwrap_or_else(|| format!("code {other}"))),
        }
    }

    /// The same state once more.
    pub(super) fn copy(&self) -> Option<Self> {
        if self.is_fresh {
            return Some(Self::new(self.window_bits));
        }
        let mut copy = MaybeUninit::uninit();
        // SAFETY: the stream is initialised, and has run, so that its pointers are not null; `copy` does not
        // follow them, and `step` replaces them before anything does.
        let code = unsafe { inflate::copy(&mut copy, &self.stream) };
        // SAFETY: with this code all of it has been written.
        (code as i32 == 0).then(|| Self {
            stream: unsafe { copy.assume_init() },
            window_bits: self.window_bits,
            is_fresh: false,
        })
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        inflate::end(&mut self.stream);
    }
}
