//! The menu at the end of the line at the top: what is not needed every day.

use leptos::prelude::*;

use crate::{
    icons::{self, Icon},
    panels::{about::AboutDialog, benchmark::BenchmarkDialog},
    state::Theme,
};

/// Id that joins the button and what it opens.
const ID: &str = "header-menu";

/// A button and a list of entries, which the browser itself opens, closes and takes the Escape key for.
#[component]
pub fn Menu() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let benchmark = RwSignal::new(false);
    let about = RwSignal::new(false);
    view! {
        <button class="icon-button" aria-label="Menu" title="Menu" data-part="menu" popovertarget=ID>
            <Icon path=icons::MENU/>
        </button>
        <div
            id=ID
            popover="auto"
            class="panel inset-auto top-13 right-3 m-0 w-52 p-1.5 shadow-lg"
            data-part="menu-list"
        >
            <Entry name="theme" on_choose=move || theme.toggle()>
                {move || {
                    let (path, words) = if theme.dark.get() {
                        (icons::SUN, "Use light colours")
                    } else {
                        (icons::MOON, "Use dark colours")
                    };
                    view! { <Icon path=path/> {words} }
                }}
            </Entry>
            <Entry name="benchmark" on_choose=move || benchmark.set(true)>
                <Icon path=icons::GAUGE/>
                "Benchmark"
            </Entry>
            <Entry name="about" on_choose=move || about.set(true)>
                <Icon path=icons::WAVES/>
                "About Millrace"
            </Entry>
        </div>
        <Show when=move || benchmark.get()>
            <BenchmarkDialog open=benchmark/>
        </Show>
        <Show when=move || about.get()>
            <AboutDialog open=about/>
        </Show>
    }
}

/// One entry; choosing it closes the menu.
#[component]
fn Entry(name: &'static str, #[prop(into)] on_choose: Callback<()>, children: Children) -> impl IntoView {
    view! {
        <button
            class="quiet-button w-full px-2.5 py-2 text-sm"
            popovertarget=ID
            popovertargetaction="hide"
            data-menu=name
            on:click=move |_| on_choose.run(())
        >
            {children()}
        </button>
    }
}
