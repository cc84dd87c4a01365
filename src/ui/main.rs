//! The page: everything that a person sees, and the handle on the engine worker.
//!
//! Owns: the Leptos application. `state` holds signals, `engine_client` posts messages, `actions`
//! joins the two, `recipes` keeps and shares what a person made, `panels` and `charts` draw.
//! Touches: the protocol crate and the browser; never the engine crate.

#[macro_use]
mod texts;

mod actions;
mod app;
mod browser;
mod charts;
mod commands;
mod disk_cache;
mod engine_client;
mod error_text;
mod format;
mod icons;
mod isolation;
mod modules;
mod output;
mod page_api;
mod panels;
mod panic_message;
mod recipes;
mod sample;
mod state;
mod streams_js;

fn main() {
    panic_message::install();
    wasm_bindgen_futures::spawn_local(async {
        texts::begin().await;
        leptos::mount::mount_to_body(app::App);
    });
}
