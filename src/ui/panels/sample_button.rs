//! "Try the sample": makes a file of events in a worker and adds it.

use leptos::prelude::*;

use crate::{
    actions::Actions,
    format,
    icons::{self, Icon},
    state::Tables,
};

/// Starts the sample and shows how far it is.
#[component]
pub fn SampleButton() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let tables = expect_context::<Tables>();
    let making = move || tables.sample.get();
    view! {
        <button
            type="button"
            class="btn btn-soft relative overflow-hidden"
            aria-busy=move || making().is_some().to_string()
            data-part="sample"
            on:click=move |_| actions.add_sample()
        >
            <span
                class="bg-primary/15 absolute inset-0 origin-left"
                style:transform=move || format!("scaleX({:.3})", making().unwrap_or(0.0))
            ></span>
            <span class="relative inline-flex items-center gap-2">
                <Icon path=icons::SPARK/>
                {move || match making() {
                    Some(share) => tf!("Making 3 million events · {a}", a = format::percent(share)),
                    None => t!("Try the sample").to_owned(),
                }}
            </span>
        </button>
    }
}
