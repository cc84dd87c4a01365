//! The beginning of a file as text, for whoever finds out what it is.

use std::rc::Rc;
use std::sync::Arc;

use super::{Recipe, Step, archive, detect, detect_encoding, named_encoding, plain_name};
use crate::Error;
use crate::engine::Engine;
use crate::format::FormatError;
use crate::source::{Packing, Source};

/// Text that is looked at of a compressed file: its bytes are unpacked from the beginning only, so this is what
/// types are decided by.
const SAMPLE_TEXT_BYTES: usize = 4 << 20;
/// Bytes that are read of it at a time, and before it is given up that text comes of them.
const STEP_BYTES: u64 = 1 << 20;
const FIRST_TEXT_WITHIN_BYTES: u64 = 16 << 20;
/// Bytes that are unpacked before it is looked whether there is enough text.
const PIECE_BYTES: usize = 32 << 10;

/// The beginning of a file as text.
pub(crate) struct TextSample {
    /// Name of the file without what says how it is compressed.
    pub(crate) name: String,
    pub(crate) recipe: Arc<Recipe>,
    /// Text from the start of the file, when that is not what its bytes are.
    pub(crate) text: Option<Vec<u8>>,
    /// Whether that is all of it.
    pub(crate) is_whole: bool,
    /// Bytes of text for each byte of the file, about.
    pub(crate) text_per_byte: f64,
    /// Whether the encoding is only likely.
    pub(crate) encoding_is_guessed: bool,
}

impl Engine {
    /// The beginning of a file as text, of which `head` and `pieces` have been read. Its encoding is
    /// guessed where none is given.
    ///
    /// # Errors
    /// When it cannot be read or unpacked, or there is no encoding of the name that was given.
    pub(crate) async fn text_sample(
        &self,
        source: &Rc<dyn Source>,
        head: &[u8],
        pieces: &[&[u8]],
        encoding: Option<&str>,
    ) -> Result<TextSample, Error> {
        let file = source.name().to_owned();
        let is_whole = head.len() as u64 == source.len_bytes();
        let packing = source.packing();
        let (recipe, name) = match (&packing, detect(&file, head)) {
            (Packing::Deflate { crc32, len_bytes }, _) => {
                let (crc32, len_bytes) = (*crc32, *len_bytes);
                (Recipe::default().then(Step::UnpackZip { crc32, len_bytes }), file.clone())
            }
            (Packing::Within(packed), _) => {
                (Recipe::default().then(Step::UnpackWithin(packed.clone())), file.clone())
            }
            (Packing::Unknown, Some(coding)) => {
                (Recipe::default().then(Step::Unpack(coding)), plain_name(coding, &file))
            }
            (Packing::Unknown, None) => (Recipe::default(), file.clone()),
        };
        let mut sample = TextSample {
            name,
            recipe: recipe.shared(),
            text: None,
            is_whole,
            text_per_byte: 1.0,
            encoding_is_guessed: false,
        };
        if !sample.recipe.is_empty() {
            self.unpack_sample(source, &mut sample).await?;
            // A file of a compressed archive may be compressed itself.
            let inner = match (&packing, &sample.text) {
                (Packing::Within(_), Some(text)) => detect(&file, text),
                _ => None,
            };
            if let Some(inner) = inner {
                sample.name = plain_name(inner, &file);
                sample.recipe = Recipe::clone(&sample.recipe).then(Step::Unpack(inner)).shared();
                self.unpack_sample(source, &mut sample).await?;
            } else if let Packing::Within(packed) = &packing {
                // What comes before the file in the archive is no text of it.
                sample.text_per_byte = packed.len_bytes() as f64 / source.len_bytes().max(1) as f64;
            }
            if sample.text.as_deref().is_some_and(archive::is_tar) {
                return Err(FormatError {
                    message: format!("{file} is an archive that is compressed as a whole."),
                    hint: Some("It is within another archive: unpack that first.".to_owned()),
                }
                .into());
            }
        }
        let told = |name: &str| {
            let hint =
                Some("Names are those of browsers, as utf-8, windows-1252, shift_jis or gbk.".to_owned());
            let encoding = named_encoding(name).map_err(|message| FormatError { message, hint })?;
            Ok::<_, Error>(encoding.map(|encoding| (encoding, false)))
        };
        let found = match (encoding, &sample.text) {
            (Some(name), _) => told(name)?,
            (None, Some(text)) => detect_encoding(text, sample.is_whole),
            (None, None) => detect_encoding(head, is_whole)
                .or_else(|| pieces.iter().find_map(|piece| detect_encoding(whole_lines(piece), true))),
        };
        let Some((encoding, is_guessed)) = found else { return Ok(sample) };
        let raw = sample.text.take().unwrap_or_else(|| head.to_vec());
        let mut transcoder = Recipe::default().then(Step::Transcode(encoding)).unpacker();
        let mut text = Vec::new();
        let transcoded = transcoder
            .unpack(&raw, &mut text, usize::MAX)
            .and_then(|_| if sample.is_whole { transcoder.finish(&mut text) } else { Ok(()) });
        transcoded.map_err(|damage| unreadable(&file, &damage))?;
        sample.text_per_byte *= text.len() as f64 / raw.len().max(1) as f64;
        sample.text = Some(text);
        sample.recipe = Recipe::clone(&sample.recipe).then(Step::Transcode(encoding)).shared();
        sample.encoding_is_guessed = is_guessed;
        Ok(sample)
    }

    async fn unpack_sample(&self, source: &Rc<dyn Source>, sample: &mut TextSample) -> Result<(), Error> {
        let len = source.len_bytes();
        let first_text_within = match source.packing() {
            Packing::Within(_) => u64::MAX,
            _ => FIRST_TEXT_WITHIN_BYTES,
        };
        let mut state = (sample.recipe.unpacker(), Vec::new(), 0u64);
        let mut end = 0;
        loop {
            let start = end;
            end = len.min(start + STEP_BYTES);
            let bytes = usize::try_from(end - start).unwrap_or(usize::MAX);
            let slot = source.read(start..end, self.0.slots.take(bytes)).await?;
            let unpacked = self.on_pool(move || {
                let (mut unpacker, mut text, mut taken) = state;
                let mut rest = slot.bytes();
                while !rest.is_empty() && text.len() < SAMPLE_TEXT_BYTES {
                    let piece = &rest[..rest.len().min(PIECE_BYTES)];
                    let step = unpacker.unpack(piece, &mut text, SAMPLE_TEXT_BYTES)?;
                    rest = &rest[step..];
                    taken += step as u64;
                    if step == 0 {
                        break;
                    }
                }
                if taken == len && text.len() < SAMPLE_TEXT_BYTES {
                    unpacker.finish(&mut text)?;
                }
                Ok((unpacker, text, taken))
            });
            state = unpacked.await?.map_err(|damage| unreadable(source.name(), &damage))?;
            let (_, text, taken) = &state;
            let is_enough = text.len() as u64 >= STEP_BYTES || !text.is_empty() && end >= 4 * STEP_BYTES;
            if *taken < end || end == len || is_enough || end >= first_text_within {
                break;
            }
        }
        let (_, text, taken) = state;
        sample.is_whole = taken == len && text.len() < SAMPLE_TEXT_BYTES;
        sample.text_per_byte = text.len() as f64 / taken.max(1) as f64;
        sample.text = Some(text);
        Ok(())
    }
}

/// A piece of a file without the parts of lines at its ends.
fn whole_lines(piece: &[u8]) -> &[u8] {
    let newlines = (memchr::memchr(b'\n', piece), memchr::memrchr(b'\n', piece));
    let (Some(first), Some(last)) = newlines else { return &[] };
    &piece[first..last]
}

pub(super) fn unreadable(file: &str, damage: &super::Damage) -> Error {
    FormatError { message: format!("{file}: {damage}"), hint: Some(damage.hint().to_owned()) }.into()
}
