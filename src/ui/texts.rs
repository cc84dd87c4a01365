//! What people read, in the language of the page.
//!
//! Owns: the languages, which of them is spoken, and the macros that texts go through. English texts stand where they
//! are shown; `texts/zh.json` has each of them, by itself, in Simplified Chinese, with the same parameters in braces.
//! Touches: the browser's languages and storage, `www/npm/zh.js`.
//!
//! A text is translated when it is put together, so that the page is put together anew for another language.
//! `cargo xtask tidy` finds texts without a translation and translations without a text.

use std::{
    cell::{Cell, OnceCell},
    collections::HashMap,
};

use leptos::prelude::{RwSignal, Set};
use wasm_bindgen::{JsCast, JsValue};

use crate::{browser, modules};

/// The text in the language of the page.
macro_rules! t {
    ($text:literal) => {
        $crate::texts::text($text)
    };
}

/// The text in the language of the page, with values in place of the parameters that it names in braces.
macro_rules! tf {
    ($text:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::texts::filled($text, &[$((stringify!($name), ($value).to_string())),*])
    };
}

/// A text that is translated where it is shown, by [`text`].
macro_rules! n {
    ($text:literal) => {
        $text
    };
}

const STORAGE_KEY: &str = "millrace.language";

/// A language that the page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// The language in which the page is written.
    English,
    /// Simplified Chinese.
    Chinese,
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
    static CHINESE: OnceCell<HashMap<String, &'static str>> = const { OnceCell::new() };
}

impl Language {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// What it calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// Its tag, as documents and browsers name it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

/// The language that is spoken. `Copy`, in the context.
#[derive(Clone, Copy)]
pub struct Spoken {
    /// The page is put together anew when it changes.
    pub language: RwSignal<Language>,
}

impl Spoken {
    /// What [`begin`] found.
    pub fn new() -> Self {
        Self { language: RwSignal::new(SPOKEN.get()) }
    }

    /// Speaks another language, and keeps it for the next visit.
    pub async fn choose(self, language: Language) {
        speak(language).await;
        browser::store(STORAGE_KEY, language.tag());
        self.language.set(SPOKEN.get());
    }
}

/// Speaks the language that was chosen at an earlier visit, or else the first of the browser's that is known here.
pub async fn begin() {
    let wanted = browser::stored(STORAGE_KEY).or_else(preferred).unwrap_or_default();
    if wanted.to_lowercase().starts_with("zh") {
        speak(Language::Chinese).await;
    }
}

/// The text in the language of the page; English where there is no translation.
pub fn text(english: &'static str) -> &'static str {
    translated(english).unwrap_or(english)
}

/// Name of a kind of chart. Some of them are words that mean something else elsewhere.
pub fn of_chart(english: &'static str) -> &'static str {
    translated(&format!("chart|{english}")).unwrap_or(english)
}

/// The text in the language of the page, with values in place of its parameters.
pub fn filled(english: &'static str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = text(english);
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else { break };
        filled += before;
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled += value;
        }
        rest = after;
    }
    filled + rest
}

fn translated(english: &str) -> Option<&'static str> {
    match SPOKEN.get() {
        Language::English => None,
        Language::Chinese => CHINESE.with(|table| table.get()?.get(english).copied()),
    }
}

async fn speak(language: Language) {
    let is_loaded = CHINESE.with(|table| table.get().is_some());
    if language == Language::Chinese && !is_loaded {
        // Without its texts the page goes on in English.
        let Ok(table) = chinese().await else { return };
        CHINESE.with(|loaded| drop(loaded.set(table)));
    }
    SPOKEN.set(language);
    browser::set_root_attribute("lang", language.tag());
}

async fn chinese() -> Result<HashMap<String, &'static str>, JsValue> {
    let module = modules::load("millrace/zh").await?;
    let texts: js_sys::Object = js_sys::Reflect::get(&module, &"default".into())?.dyn_into()?;
    let pair = |pair: JsValue| {
        let pair = js_sys::Array::from(&pair);
        let text: &'static str = Box::leak(pair.get(1).as_string()?.into_boxed_str());
        Some((pair.get(0).as_string()?, text))
    };
    Ok(js_sys::Object::entries(&texts).iter().filter_map(pair).collect())
}

/// The first language of the browser that is one of ours.
fn preferred() -> Option<String> {
    let languages = web_sys::window()?.navigator().languages();
    let known = |tag: &String| ["en", "zh"].iter().any(|known| tag.to_lowercase().starts_with(known));
    languages.iter().filter_map(|tag| tag.as_string()).find(known)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::filled;

    #[wasm_bindgen_test]
    fn parameters_are_filled_in_wherever_they_stand() {
        let of = |text: &'static str| filled(text, &[("a", "1".to_owned()), ("what", "{a}".to_owned())]);
        assert_eq!(of("{a} of {what}, {a}"), "1 of {a}, 1");
        assert_eq!(of("no more"), "no more");
        assert_eq!(of("open { brace"), "open { brace");
    }
}
