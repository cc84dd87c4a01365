//! Work as a link or a file. Both hold the recipe, never data.

use leptos::prelude::*;
use millrace_protocol::{ErrorInfo, ErrorKind};
use millrace_recipe::{Recipe, Unreadable};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag};

use super::{Recipes, module::RecipesModule, refused, sources::ENDING};
use crate::browser;

/// What stands in front of a packed recipe in the part of an address that no server sees.
const FRAGMENT: &str = "#recipe=";

impl Recipes {
    /// A link that opens the work as it is.
    ///
    /// # Errors
    /// When the browser cannot pack texts.
    pub async fn link(self) -> Result<String, ErrorInfo> {
        let text = untrack(|| self.current()).text();
        let packed = async { RecipesModule::load().await?.pack(&text).await };
        let packed = packed.await.map_err(|reason| refused(&reason))?;
        Ok(format!("{}{FRAGMENT}{packed}", browser::address()))
    }

    /// Saves the work as a file.
    pub fn save_file(self) {
        let recipe = untrack(|| self.current());
        let options = BlobPropertyBag::new();
        options.set_type("application/json");
        let parts = js_sys::Array::of1(&recipe.text().into());
        let saved = Blob::new_with_str_sequence_and_options(&parts, &options)
            .and_then(|file| browser::download(&file, &format!("{}{ENDING}", file_name(&recipe.title()))));
        if let Err(reason) = saved {
            self.fail(t!("Saving the recipe"), refused(&reason));
        }
    }

    /// Opens what the page's address holds, now and whenever somebody goes to another one.
    pub(super) fn open_address(self) {
        let open = move || {
            let Some(packed) =
                browser::fragment().and_then(|f| f.strip_prefix(FRAGMENT).map(ToOwned::to_owned))
            else {
                return;
            };
            // The work goes on from here, so that loading the page anew must not begin with the link again.
            browser::clear_fragment();
            spawn_local(async move {
                match unpacked(&packed).await {
                    Ok(recipe) => self.open_as_new(recipe),
                    Err(error) => self.fail(t!("Opening the link"), error),
                }
            });
        };
        open();
        let listener = window_event_listener(leptos::ev::hashchange, move |_| open());
        on_cleanup(move || listener.remove());
    }
}

/// Why a text is no recipe, with what to do.
pub(super) fn unreadable(reason: &Unreadable) -> ErrorInfo {
    let hint = match reason {
        Unreadable::TooLong | Unreadable::Other => "Choose a file that “Save recipe as a file” wrote.",
        Unreadable::Damaged(_) => "Ask for it again from whoever sent it.",
    };
    ErrorInfo::new(ErrorKind::File, reason.to_string()).with_hint(hint)
}

async fn unpacked(packed: &str) -> Result<Recipe, ErrorInfo> {
    let damaged = |_: JsValue| {
        ErrorInfo::new(ErrorKind::File, "The link is damaged: a part of it is missing or changed.")
            .with_hint("Copy the whole link, or ask for the recipe as a file.")
    };
    let module = RecipesModule::load().await.map_err(|reason| refused(&reason))?;
    let text = module.unpack(packed).await.map_err(damaged)?;
    Recipe::of_text(&text).map_err(|reason| unreadable(&reason))
}

/// A title as the name of a file.
fn file_name(title: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() || letter == '_' { letter } else { '-' };
    let name: String = title.chars().take(60).map(letter).collect();
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "recipe".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::file_name;

    #[wasm_bindgen_test]
    fn titles_are_names_of_files() {
        assert_eq!(file_name("events and categories"), "events-and-categories");
        assert_eq!(file_name("SELECT * FROM \"a/b\""), "SELECT-FROM-a-b");
        assert_eq!(file_name("*"), "recipe");
    }
}
