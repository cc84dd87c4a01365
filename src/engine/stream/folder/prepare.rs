//! Finds the columns of a folder in the files that are there.

use super::WatchedFolder;
use super::shape::{SAMPLE_BYTES, Shape, Start};
use crate::Error;
use crate::format::FormatError;
use crate::stream::Position;
use crate::stream::reading::Reading;
use crate::stream::records::whole_lines_of;

impl WatchedFolder {
    /// Finds the columns in the files that are there. Says whether there is a file with a record yet.
    ///
    /// # Errors
    /// When the folder cannot be read, or there are files with records, but none of them has columns and such an
    /// event time: what is wrong with the first.
    pub async fn prepare(&mut self) -> Result<bool, Error> {
        let mut wrong = None;
        for file in self.listed(|_| true).await? {
            let Ok(source) = file.look().await else { continue };
            let reading = Reading::new(&self.engine, Position::default());
            let Some(shape) = &mut self.shape else {
                let head = reading.bytes(&source, 0..source.len_bytes().min(SAMPLE_BYTES)).await?;
                match self.shape_of(file.name(), head).await {
                    Ok(shape) => self.shape = shape,
                    Err(error @ (Error::Sql(_) | Error::Format(_))) => wrong = wrong.or(Some(error)),
                    Err(error) => return Err(error),
                }
                continue;
            };
            // The files behind the first one tell more of the types.
            let room = SAMPLE_BYTES.saturating_sub(shape.sample.len() as u64);
            if room == 0 {
                break;
            }
            let start = shape.start(&self.engine, &reading, &source, false).await?;
            let Start::At { offset, .. } = start else { continue };
            let mut more = reading.bytes(&source, offset..source.len_bytes().min(offset + room)).await?;
            more.truncate(whole_lines_of(&more));
            if let Ok(more) = String::from_utf8(more) {
                shape.sample.push_str(&more);
            }
        }
        match (self.shape.take(), wrong) {
            (Some(first), _) => {
                let (name, sample) = (first.sample_name.clone(), first.sample.clone());
                // What is a time in the first file alone may be text in the light of the others.
                let all = Shape::of(&self.engine, &name, sample, &self.event_time).await;
                self.shape = all.ok().flatten().or(Some(first));
                Ok(true)
            }
            (None, Some(wrong)) => Err(wrong),
            (None, None) => Ok(false),
        }
    }

    async fn shape_of(&self, name: &str, mut head: Vec<u8>) -> Result<Option<Shape>, Error> {
        head.truncate(whole_lines_of(&head));
        if head.is_empty() {
            return Ok(None);
        }
        let sample = String::from_utf8(head).map_err(|_| FormatError {
            message: format!("{name} is compressed or not in UTF-8, which streams are not."),
            hint: Some("Add it as a table instead.".to_owned()),
        })?;
        Shape::of(&self.engine, name, sample, &self.event_time).await
    }
}
