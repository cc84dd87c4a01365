//! Light or dark.

use leptos::prelude::{Effect, Get, GetUntracked, RwSignal, Set};
use wasm_bindgen::{JsCast, closure::Closure};

use crate::browser;

// `www/shell.js` knows these as well.
const STORAGE_KEY: &str = "millrace.theme";
const ATTRIBUTE: &str = "data-theme";
const LIGHT: &str = "millrace-light";
const DARK: &str = "millrace-dark";

/// The page's colours.
#[derive(Clone, Copy)]
pub struct Theme {
    /// Whether the page is dark now. Charts follow it.
    pub dark: RwSignal<bool>,
    /// Whether the user chose; the system decides otherwise.
    chosen: RwSignal<bool>,
}

impl Theme {
    /// What `www/shell.js` decided before the page was there: the stored choice, or what the system prefers.
    pub fn new() -> Self {
        let dark = browser::root_attribute(ATTRIBUTE).as_deref() == Some(DARK);
        let is_chosen = browser::stored(STORAGE_KEY).is_some();
        let theme = Self { dark: RwSignal::new(dark), chosen: RwSignal::new(is_chosen) };
        if let Some(system) = browser::media("(prefers-color-scheme: dark)") {
            theme.follow(&system);
        }
        Effect::new(move || {
            browser::set_root_attribute(ATTRIBUTE, if theme.dark.get() { DARK } else { LIGHT });
        });
        theme
    }

    /// Takes the other colours and keeps them for the next visit.
    pub fn toggle(self) {
        let dark = !self.dark.get_untracked();
        self.chosen.set(true);
        self.dark.set(dark);
        browser::store(STORAGE_KEY, if dark { "dark" } else { "light" });
    }

    fn follow(self, system: &web_sys::MediaQueryList) {
        let changed = Closure::<dyn Fn(_)>::new(move |event: web_sys::MediaQueryListEvent| {
            if !self.chosen.get_untracked() {
                self.dark.set(event.matches());
            }
        });
        // Without the listener the colours of the first moment stay, which is no failure.
        let _ = system.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        changed.forget();
    }
}
