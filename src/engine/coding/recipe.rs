//! How the bytes of one file become text in UTF-8: at most a decompression and then an encoding.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::encoding::Transcoder;
use super::within::PackedFile;
use super::zip_entry::ZipEntry;
use super::{Coding, Damage, Outline, Unpacker};

/// What is done to the bytes of a file, one after the other. Nothing for plain UTF-8.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipe(Vec<Step>);

/// One of the things that are done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Decompressing a file.
    Unpack(&'static dyn Coding),
    /// Decompressing a file of a ZIP archive, whose directory has its checksum and length.
    UnpackZip {
        /// CRC-32 of the file.
        crc32: u32,
        /// Its length in bytes.
        len_bytes: u64,
    },
    /// Decompressing a file of an archive that is compressed as a whole.
    UnpackWithin(PackedFile),
    /// Turning an encoding into UTF-8.
    Transcode(&'static Encoding),
}

impl Step {
    fn unpacker(&self) -> Box<dyn Unpacker> {
        match self {
            Self::Unpack(coding) => coding.unpacker(),
            Self::UnpackZip { crc32, len_bytes } => Box::new(ZipEntry::new(*crc32, *len_bytes)),
            Self::UnpackWithin(file) => file.unpacker(),
            Self::Transcode(encoding) => Box::new(Transcoder::new(encoding)),
        }
    }
}

impl Recipe {
    /// These steps and one more.
    pub(crate) fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Whether bytes are taken as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Name of the compression, if there is one.
    pub(crate) fn compression(&self) -> Option<&'static str> {
        self.0.iter().find_map(|step| match step {
            Step::Unpack(coding) => Some(coding.name()),
            Step::UnpackZip { .. } => Some("ZIP"),
            Step::UnpackWithin(file) => Some(file.coding_name()),
            Step::Transcode(_) => None,
        })
    }

    /// Name of the encoding, if it is not UTF-8.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.0.iter().find_map(|step| match step {
            Step::Transcode(encoding) => Some(encoding.name()),
            _ => None,
        })
    }

    /// The state at the start of the file.
    pub(crate) fn unpacker(&self) -> Box<dyn Unpacker> {
        let mut steps = self.0.iter().map(Step::unpacker);
        let first = steps.next().unwrap_or_else(|| Box::new(AsItIs));
        steps.fold(first, |first, second| Box::new(Both { first, second, between: Vec::new() }))
    }

    /// What finds members of the file without unpacking them, if anything can: text in another encoding is as long as it
    /// becomes.
    pub(super) fn outline(&self) -> Option<Box<dyn Outline>> {
        match self.0.as_slice() {
            [Step::Unpack(coding)] => coding.outline(),
            _ => None,
        }
    }

    /// The same, to be shared.
    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }
}

/// One after the other.
struct Both {
    first: Box<dyn Unpacker>,
    second: Box<dyn Unpacker>,
    /// What the first gave; empty between calls.
    between: Vec<u8>,
}

impl Both {
    fn hand_over(&mut self, text: &mut Vec<u8>, limit: usize) -> Result<(), Damage> {
        let mut rest = self.between.as_slice();
        while !rest.is_empty() {
            let taken = self.second.unpack(rest, text, limit.max(text.len() + 1))?;
            rest = &rest[taken..];
        }
        self.between.clear();
        Ok(())
    }
}

impl Unpacker for Both {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, limit: usize) -> Result<usize, Damage> {
        let room = limit.saturating_sub(text.len());
        let taken = self.first.unpack(packed, &mut self.between, room)?;
        self.hand_over(text, limit)?;
        Ok(taken)
    }

    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), Damage> {
        self.first.finish(&mut self.between)?;
        self.hand_over(text, usize::MAX)?;
        self.second.finish(text)
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        let (first, second) = (self.first.copy()?, self.second.copy()?);
        Some(Box::new(Self { first, second, between: self.between.clone() }))
    }

    fn is_fresh(&self) -> bool {
        self.first.is_fresh() && self.second.is_fresh()
    }
}

/// Nothing is done.
struct AsItIs;

impl Unpacker for AsItIs {
    fn unpack(&mut self, packed: &[u8], text: &mut Vec<u8>, _: usize) -> Result<usize, Damage> {
        text.extend_from_slice(packed);
        Ok(packed.len())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Damage> {
        Ok(())
    }

    fn copy(&self) -> Option<Box<dyn Unpacker>> {
        Some(Box::new(Self))
    }

    fn is_fresh(&self) -> bool {
        true
    }
}
