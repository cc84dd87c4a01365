//! What a person does with a result: saves it, or takes it along in the clipboard.

use futures::{StreamExt, channel::mpsc};
use leptos::prelude::*;
use millrace_protocol::{CommandId, ErrorInfo, ErrorKind, ResultInfo, RowOrder};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag};

use super::Actions;
use crate::{
    browser,
    engine_client::Sink,
    format,
    output::{FileFormat, Target, TextFormat, chosen_file},
};

/// Name of saved files, without ending.
const FILE_NAME: &str = "millrace-result";

/// Cells beyond which a result is written to the disk as it comes.
const CELLS_TO_STREAM: u64 = 4_000_000;

/// Rows that are fetched at a time: few enough that unpacking them keeps the page responsive.
const PAGE_ROWS: u32 = 1_000;

/// Text that is put into the page's hands at once; the browser may keep larger files on disk.
const PIECE_BYTES: usize = 4_000_000;

/// A result that is to be written, and the order of its rows.
struct Asked {
    id: CommandId,
    result: ResultInfo,
    order: Option<RowOrder>,
}

impl Actions {
    /// Saves all rows of the result on screen as a file, in the order shown. Of a large one a person chooses the file,
    /// where the browser lets them, so that it need not be in memory as a whole.
    pub fn save(self, format: &'static FileFormat) {
        let Some(asked) = self.begin_saving(format.name) else { return };
        let cells = asked.result.row_count.saturating_mul(asked.result.columns.len() as u64);
        spawn_local(async move {
            let saved = match cells > CELLS_TO_STREAM && chosen_file::can_choose() {
                true => self.stream_to_file(format, &asked).await,
                false => self.download(format, &asked).await,
            };
            self.end_saving(match saved {
                Ok(()) => Ok(None),
                Err(error) if error.kind == ErrorKind::Cancelled => Ok(None),
                Err(error) => {
                    Err(tf!("The {a} file could not be saved: {b}", a = format.short, b = in_full(&error)))
                }
            });
        });
    }

    /// Ends what is being saved.
    pub fn stop_saving(self) {
        if let Some(id) = self.saving.export.get_untracked() {
            self.client.cancel(id);
        }
    }

    async fn download(self, format: &'static FileFormat, asked: &Asked) -> Result<(), ErrorInfo> {
        let sink = Sink::file(format.media_type);
        let (id, file) = self.client.export(asked.id, format.format, asked.order.clone(), sink);
        self.saving.export.set(Some(id));
        let file = file.await?;
        browser::download(&file, &format!("{FILE_NAME}.{}", format.name)).map_err(|e| refused(&e))
    }

    async fn stream_to_file(self, format: &'static FileFormat, asked: &Asked) -> Result<(), ErrorInfo> {
        let chosen = chosen_file::choose(&format!("{FILE_NAME}.{}", format.name)).await;
        let Some(chosen) = chosen.map_err(|e| refused(&e))? else { return Ok(()) };
        let (pass, mut pieces) = mpsc::unbounded();
        let sink = Sink::Pieces(Box::new(move |piece| {
            // Nobody takes pieces any more when writing failed.
            let _ = pass.unbounded_send(piece);
        }));
        let (id, ended) = self.client.export(asked.id, format.format, asked.order.clone(), sink);
        self.saving.export.set(Some(id));
        // Pieces end with the export, whichever way it ends.
        while let Some(piece) = pieces.next().await {
            if let Err(reason) = chosen.write(&piece).await {
                self.client.cancel(id);
                chosen.abort().await;
                return Err(refused(&reason));
            }
        }
        match ended.await {
            Ok(_) => chosen.close().await.map_err(|e| refused(&e)),
            Err(error) => {
                chosen.abort().await;
                Err(error)
            }
        }
    }

    /// Writes the result on screen in a format, in the order shown, and gives it to the clipboard or as a file.
    pub fn take_along(self, format: &'static TextFormat) {
        let Some(asked) = self.begin_saving(format.name) else { return };
        spawn_local(async move {
            let taken = match format.target {
                Target::Clipboard(most) => {
                    let all = asked.result.row_count;
                    let rows = all.min(most);
                    match self.text_of(format, &asked, rows, |_| Ok(())).await {
                        Ok(text) => browser::try_copy(&text).await.map_err(|e| reason(&e)).map(|()| {
                            Some(match rows == all {
                                true => tf!("Copied {a} rows.", a = format::count(rows)),
                                false => tf!(
                                    "Copied the first {a} of {b} rows: save a file to have all.",
                                    a = format::count(rows),
                                    b = format::count(all)
                                ),
                            })
                        }),
                        Err(error) => Err(error.message),
                    }
                }
                Target::File { ending, media_type } => match self.file_of(format, &asked, media_type).await {
                    Ok(file) => browser::download(&file, &format!("{FILE_NAME}.{ending}"))
                        .map(|()| None)
                        .map_err(|e| reason(&e)),
                    Err(error) => Err(error.message),
                },
            };
            self.end_saving(
                taken.map_err(|why| tf!("This did not work ({a}): {why}", a = format.label, why = why)),
            );
        });
    }

    /// The first rows as text; whoever puts pieces of it away on the way finds them no longer in it.
    async fn text_of(
        self,
        format: &TextFormat,
        asked: &Asked,
        rows: u64,
        mut put_away: impl FnMut(&mut String) -> Result<(), ErrorInfo>,
    ) -> Result<String, ErrorInfo> {
        let Asked { id, result, order } = asked;
        let mut text = (format.head)(&result.columns);
        let mut offset = 0;
        while offset < rows {
            let count = u32::try_from(rows - offset).unwrap_or(PAGE_ROWS).min(PAGE_ROWS);
            let page = self.client.rows(*id, order.clone(), offset, count).await?;
            if page.rows.is_empty() {
                break;
            }
            page.rows.iter().for_each(|row| (format.row)(&result.columns, row, &mut text));
            offset += page.rows.len() as u64;
            put_away(&mut text)?;
        }
        Ok(text)
    }

    async fn file_of(self, format: &TextFormat, asked: &Asked, media_type: &str) -> Result<Blob, ErrorInfo> {
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let pieces = js_sys::Array::new();
        let put_away = |text: &mut String| {
            if text.len() > PIECE_BYTES {
                let piece = js_sys::Array::of1(&std::mem::take(text).into());
                pieces.push(&Blob::new_with_str_sequence(&piece).map_err(|e| refused(&e))?.into());
            }
            Ok(())
        };
        let rest = self.text_of(format, asked, asked.result.row_count, put_away).await?;
        pieces.push(&rest.into());
        Blob::new_with_blob_sequence_and_options(&pieces, &options).map_err(|e| refused(&e))
    }

    /// The result to be written, unless there is none or another one is being written.
    fn begin_saving(self, name: &'static str) -> Option<Asked> {
        let (id, result) = (self.query.id.get_untracked()?, self.query.result.get_untracked()?);
        if self.saving.busy.get_untracked().is_some() {
            return None;
        }
        self.saving.busy.set(Some(name));
        self.saving.told.set(None);
        Some(Asked { id, result, order: self.query.order.get_untracked() })
    }

    fn end_saving(self, outcome: Result<Option<String>, String>) {
        self.saving.told.set(outcome.transpose());
        self.saving.busy.set(None);
        self.saving.export.set(None);
    }
}

/// An error with what can be done about it.
fn in_full(error: &ErrorInfo) -> String {
    match &error.hint {
        Some(hint) => format!("{} {hint}", error.message),
        None => error.message.clone(),
    }
}

fn refused(error: &JsValue) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Browser, reason(error))
}

fn reason(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}
