//! Keys of commands.

use web_sys::KeyboardEvent;

use crate::browser;

/// A key with those that are held down beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The key as browsers name it, in lower case; with Alt the place of a letter, since Alt makes other signs.
    pub key: &'static str,
    /// Control, or Command on a Mac.
    pub ctrl: bool,
    /// Alt, or Option on a Mac.
    pub alt: bool,
    /// Shift; signs that need it anyway leave it out.
    pub shift: bool,
    /// Whether it works while text is written.
    pub while_writing: bool,
}

impl Keys {
    /// A key alone. It works outside of text only, as all that write something do.
    pub const fn plain(key: &'static str) -> Self {
        Self { key, ctrl: false, alt: false, shift: false, while_writing: false }
    }

    /// A key with Control.
    pub const fn ctrl(key: &'static str) -> Self {
        Self { ctrl: true, while_writing: true, ..Self::plain(key) }
    }

    /// A key with Alt.
    pub const fn alt(key: &'static str) -> Self {
        Self { alt: true, while_writing: true, ..Self::plain(key) }
    }

    /// The same with Shift.
    pub const fn shift(self) -> Self {
        Self { shift: true, ..self }
    }

    /// The same, where text is written as well.
    pub const fn everywhere(self) -> Self {
        Self { while_writing: true, ..self }
    }

    /// The same, but not where text is written.
    pub const fn outside_of_text(self) -> Self {
        Self { while_writing: false, ..self }
    }

    /// Whether these are pressed.
    pub fn fit(&self, event: &KeyboardEvent) -> bool {
        let (key, code) = (event.key().to_lowercase(), event.code().to_lowercase());
        let is_letter = self.key.len() == 1 && self.key.as_bytes()[0].is_ascii_alphanumeric();
        let is_key = match self.alt && is_letter {
            true => code.strip_prefix("key") == Some(self.key),
            false => key == self.key,
        };
        // Shift makes the sign that a key alone is named by.
        let is_sign = !is_letter && self.key.len() == 1;
        is_key
            && (event.ctrl_key() || event.meta_key()) == self.ctrl
            && event.alt_key() == self.alt
            && (is_sign || event.shift_key() == self.shift)
    }

    /// The keys as people read them, one after another.
    pub fn words(&self) -> Vec<String> {
        let is_mac = browser::is_mac();
        let mut words = Vec::new();
        let mut add = |is_held: bool, mac: &str, other: &str| {
            if is_held {
                words.push(if is_mac { mac } else { other }.to_owned());
            }
        };
        add(self.ctrl, "⌘", "Ctrl");
        add(self.alt, "⌥", "Alt");
        add(self.shift, "⇧", "Shift");
        words.push(match self.key {
            "escape" => "Esc".to_owned(),
            "enter" => "Enter".to_owned(),
            "pageup" => "PgUp".to_owned(),
            "pagedown" => "PgDn".to_owned(),
            key => key.to_uppercase(),
        });
        words
    }
}
