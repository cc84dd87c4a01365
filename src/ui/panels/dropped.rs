//! Files of folders that are dropped or chosen, with the paths by which they are known.
//!
//! Owns: the walk through folders, which all browsers offer in the same old way, by callbacks. A file gets the path
//! from the folder that was given as its name, so that folders called `key=value` become columns.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FilePropertyBag};

/// What was dropped, before anything is read of it. Has to be asked for while the browser tells of the drop.
pub fn entries_of(transfer: &DataTransfer) -> Vec<JsValue> {
    let items = transfer.items();
    let entry = |index| {
        let item = items.get(index)?;
        let ask = Reflect::get(&item, &"webkitGetAsEntry".into()).ok()?.dyn_into::<Function>().ok()?;
        ask.call0(&item).ok().filter(JsValue::is_object)
    };
    (0..items.length()).filter_map(entry).collect()
}

/// Whether a folder is among them.
pub fn has_folder(entries: &[JsValue]) -> bool {
    entries.iter().any(|entry| is(entry, "isDirectory"))
}

/// All files of entries, those in folders too, in the order of their paths. What nobody means when a folder is dropped
/// is left out: hidden files, what programs leave beside data, as `_SUCCESS`, and empty files.
///
/// # Errors
/// What the browser says when a folder cannot be read.
pub async fn files_of_entries(entries: Vec<JsValue>) -> Result<Vec<File>, JsValue> {
    let mut found = Vec::new();
    let mut waiting = entries;
    while let Some(entry) = waiting.pop() {
        let path = text(&entry, "fullPath");
        let path = path.trim_start_matches('/').to_owned();
        if is(&entry, "isDirectory") {
            if !is_meant(&path) {
                continue;
            }
            let reader =
                Reflect::get(&entry, &"createReader".into())?.dyn_into::<Function>()?.call0(&entry)?;
            loop {
                // A browser gives some at a time, and none at the end.
                let some = Array::from(&answer(&reader, "readEntries").await?);
                if some.length() == 0 {
                    break;
                }
                waiting.extend(some.iter());
            }
            continue;
        }
        let is_alone = !path.contains('/');
        let file: File = answer(&entry, "file").await?.dyn_into()?;
        if is_alone {
            found.push(file);
        } else if is_meant(&path) && file.size() > 0.0 {
            found.push(named(&file, &path)?);
        }
    }
    found.sort_by_key(File::name);
    Ok(found)
}

/// Files of a folder that was chosen, which know their paths, likewise.
pub fn files_of_folder(files: Vec<File>) -> Vec<File> {
    let with_path = |file: File| {
        let path = text(&file, "webkitRelativePath");
        match path.is_empty() {
            true => Some(file),
            false => (is_meant(&path) && file.size() > 0.0).then(|| named(&file, &path).ok()).flatten(),
        }
    };
    let mut files: Vec<File> = files.into_iter().filter_map(with_path).collect();
    files.sort_by_key(File::name);
    files
}

/// The same file by another name. The browser still reads it where it is.
fn named(file: &File, name: &str) -> Result<File, JsValue> {
    let options = FilePropertyBag::new();
    options.set_last_modified(file.last_modified());
    File::new_with_blob_sequence_and_options(&Array::of1(file), name, &options)
}

fn is_meant(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_key = name.contains('=');
    !name.starts_with('.')
        && (!name.starts_with('_') || is_key)
        && name != "Thumbs.db"
        && name != "desktop.ini"
        && name != "__MACOSX"
}

fn is(entry: &JsValue, name: &str) -> bool {
    Reflect::get(entry, &name.into()).is_ok_and(|value| value.is_truthy())
}

fn text(object: &JsValue, name: &str) -> String {
    Reflect::get(object, &name.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
}

/// What a method answers that takes a callback for success and one for failure.
async fn answer(object: &JsValue, method: &str) -> Result<JsValue, JsValue> {
    let ask = Reflect::get(object, &method.into())?.dyn_into::<Function>()?;
    let promise = Promise::new(&mut |resolve, reject| {
        if let Err(error) = ask.call2(object, &resolve, &reject) {
            // Fails only for a function that is none.
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    });
    JsFuture::from(promise).await
}
