//! What the page shows before there is a table.

use leptos::prelude::*;

use crate::{
    actions::Actions,
    icons::{self, Icon},
    panels::{drop_area::PickButton, recent::RecentWork, sample_button::SampleButton, streams::StreamButton},
    state::Tables,
};

/// An invitation to drop files or to try the sample.
#[component]
pub fn Welcome() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let tables = expect_context::<Tables>();
    let looking = move || tables.adding.with(|adding| adding.join(", "));
    view! {
        <section class="grid min-h-full place-items-center p-4 sm:p-8" aria-label=t!("Start")>
            <div class="w-full max-w-2xl">
                <h2 class="text-2xl font-semibold tracking-tight text-balance sm:text-3xl">
                    {t!("Ask SQL of big files, right here.")}
                </h2>
                <p class="text-base-content/70 mt-2 max-w-prose text-pretty sm:text-base">
                    {t!("Drop CSV, JSON lines, Parquet or text files of any size. All cores of this machine read them, and charts fill in while they do. ")}
                    {t!("Nothing is uploaded: no byte leaves this tab.")}
                </p>
                <div class="border-base-content/20 bg-base-100 rounded-box mt-6 border-2 border-dashed p-6 sm:p-10">
                    <div class="flex flex-col items-center gap-4 text-center">
                        <span class="bg-primary/10 text-primary grid size-14 place-items-center rounded-full">
                            <Icon path=icons::DROP class="size-7"/>
                        </span>
                        <Show
                            when=move || tables.adding.with(Vec::is_empty)
                            fallback=move || view! {
                                <p class="flex items-center gap-2" role="status">
                                    <span class="loading loading-spinner loading-sm text-primary"></span>
                                    <span class="truncate">{t!("Looking at ")} {looking}</span>
                                </p>
                            }
                        >
                            <p class="text-base font-medium">{t!("Drop files anywhere in this window")}</p>
                        </Show>
                        <div class="flex flex-wrap items-center justify-center gap-2">
                            <PickButton class="btn btn-primary">
                                <Icon path=icons::PLUS/>
                                {t!("Choose files")}
                            </PickButton>
                            <SampleButton/>
                            <StreamButton class="btn">
                                <Icon path=icons::STREAM/>
                                {t!("Follow a stream")}
                            </StreamButton>
                        </div>
                    </div>
                </div>
                <RecentWork/>
                <ul class="text-base-content/70 mt-6 grid gap-4 text-xs sm:grid-cols-3">
                    <Fact icon=icons::LOCK title=t!("Private by construction")>
                        {t!("The page may only connect to its own site. Your browser enforces it.")}
                    </Fact>
                    <Fact icon=icons::WAVES title=t!("Live, then exact")>
                        {t!("Partial results say how much they cover. The last one is exact.")}
                    </Fact>
                    <Fact icon=icons::CODE title=t!("All of SQL")>
                        {t!("Joins, windows, CTEs. Or click a query together in the builder.")}
                    </Fact>
                </ul>
                <p class="mt-6 text-center">
                    <button class="quiet-button" on:click=move |_| actions.open_workbench()>
                        {t!("Write SQL without a file")}
                    </button>
                </p>
            </div>
        </section>
    }
}

#[component]
fn Fact(icon: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <li class="flex gap-2.5">
            <span class="text-primary mt-0.5"><Icon path=icon/></span>
            <span>
                <span class="text-base-content block font-medium">{title}</span>
                {children()}
            </span>
        </li>
    }
}
