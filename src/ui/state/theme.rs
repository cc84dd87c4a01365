//! Light or dark.

use leptos::prelude::{Effect, Get, GetUntracked, RwSignal, Set};
use wasm_bindgen::{JsCast, closure::Closure};

use crate::browser;

const STORAGE_KEY: &str = "millrace.theme";

/// The page's colours.
#[derive(Clone, Copy)]
pub struct Theme {
    /// Whether the page is dark now. Charts follow it.
    pub dark: RwSignal<bool>,
    /// Whether the user chose; the system decides otherwise.
    chosen: RwSignal<bool>,
}

impl Theme {
    /// The stored choice, or what the system prefers.
    pub fn new() -> Self {
        let stored = browser::stored(STORAGE_KEY);
        let system = browser::media("(prefers-color-scheme: dark)");
        let dark = match stored.as_deref() {
            Some("dark") => true,
            Some("light") => false,
            _ => system.as_ref().is_some_and(web_sys::MediaQueryList::matches),
        };
        let theme = Self { dark: RwSignal::new(dark), chosen: RwSignal::new(stored.is_some()) };
        if let Some(system) = system {
            theme.follow(&system);
        }
        Effect::new(move || {
            let name = if theme.dark.get() { "millrace-dark" } else { "millrace-light" };
            browser::set_root_attribute("data-theme", name);
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
