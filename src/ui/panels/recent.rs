//! Work of earlier visits, on the page's first screen.

use leptos::prelude::*;
use millrace_recipe::Recipe;
use wasm_bindgen_futures::spawn_local;

use crate::{
    format,
    icons::{self, Icon},
    recipes::{Recipes, module::KeptRecipe},
};

/// Work that is shown at once.
const SHOWN: usize = 6;

/// A list of earlier work, with buttons to go on and to forget; nothing when there is none.
#[component]
pub fn RecentWork() -> impl IntoView {
    let recipes = expect_context::<Recipes>();
    let recent = RwSignal::new_local(Vec::<KeptRecipe>::new());
    Effect::new(move || {
        recipes.kept.track();
        spawn_local(async move {
            // A browser that keeps nothing has nothing to go on with.
            let found = recipes.recent().await.unwrap_or_default();
            let _ = recent.try_set(found);
        });
    });
    let entry = move |kept: KeptRecipe| {
        let recipe = Recipe::of_text(&kept.text()).unwrap_or_default();
        let files: u64 =
            recipe.sources.iter().flat_map(|source| &source.files).map(|file| file.size_bytes).sum();
        let queries = recipe.queries.len();
        let ago = ago((js_sys::Date::now() - kept.millis()).max(0.0));
        let words = format!(
            "{} · {queries} {} · {ago}",
            format::bytes(files),
            if queries == 1 { "query" } else { "queries" }
        );
        let texts: Vec<String> = recipe.queries.into_iter().map(|query| query.sql).collect();
        let title = kept.title();
        let (open, forget) = (kept.clone(), kept);
        view! {
            <li class="flex items-center gap-1" data-recent=title.clone()>
                <button
                    class="hover:bg-base-content/6 rounded-field flex min-w-0 grow cursor-pointer items-baseline gap-3 px-2.5 py-1.5 text-left"
                    title=texts.join("\n\n")
                    on:click=move |_| recipes.open_kept(open.clone())
                >
                    <span class="text-base-content truncate font-medium">{title.clone()}</span>
                    <span class="text-base-content/70 figures ml-auto shrink-0 text-xs">{words}</span>
                </button>
                <button
                    class="icon-button hover:text-error size-7"
                    aria-label=tf!("Forget {title}", title = title)
                    title=t!("Forget (files stay where they are)")
                    on:click=move |_| recipes.forget_kept(&forget)
                >
                    <Icon path=icons::REMOVE class="size-3.5"/>
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || recent.with(|recent| !recent.is_empty())>
            <section class="panel mt-4 p-2" aria-label=t!("Recent work") data-panel="recent">
                <h3 class="panel-title flex items-center gap-1.5 px-2.5 py-1">
                    <Icon path=icons::HISTORY class="size-3.5"/>
                    {t!("Recent work")}
                </h3>
                <ul>
                    {move || recent.get().into_iter().take(SHOWN).map(entry).collect_view()}
                </ul>
            </section>
        </Show>
    }
}

/// `5 min ago`, `3 days ago`.
fn ago(millis: f64) -> String {
    const UNITS: &[(f64, &str, &str)] = &[
        (86_400_000.0, n!("day"), n!("days")),
        (3_600_000.0, n!("hour"), n!("hours")),
        (60_000.0, n!("minute"), n!("minutes")),
    ];
    let fitting = UNITS.iter().find(|(length_millis, ..)| millis >= *length_millis);
    fitting.map_or_else(
        || t!("just now").to_owned(),
        |(length_millis, one, several)| {
            let count = (millis / length_millis).floor();
            tf!(
                "{count} {a} ago",
                count = format!("{:.0}", count),
                a = crate::texts::text(if count < 2.0 { one } else { several })
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::ago;

    #[wasm_bindgen_test]
    fn time_since_is_told_in_one_unit() {
        assert_eq!(ago(20_000.0), "just now");
        assert_eq!(ago(60_000.0), "1 minute ago");
        assert_eq!(ago(7_300_000.0), "2 hours ago");
        assert_eq!(ago(200_000_000.0), "2 days ago");
    }
}
