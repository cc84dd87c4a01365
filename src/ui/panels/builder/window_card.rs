//! Windows over event time.

use leptos::prelude::*;

use super::{
    builder_state::BuilderState,
    pickers::{AddButton, NamePicker, RemoveButton},
    window::{Parameter, UNITS, Unit, WINDOW_KINDS, Window, zone_names},
};
use crate::charts::ColumnClass;

/// Kind of windows, the time that they are over, and their lengths.
#[component]
pub fn WindowCard(state: BuilderState) -> impl IntoView {
    let window = Memo::new(move |_| state.choices.with(|choices| choices.window.clone()));
    let kind = Memo::new(move |_| window.with(|window| window.as_ref().map(|window| window.kind)));
    let column =
        Memo::new(move |_| window.with(|w| w.as_ref().map(|w| w.column.clone()).unwrap_or_default()));
    let times = move || state.column_names(|class| class == ColumnClass::Timestamp);
    let has_times = Memo::new(move |_| !times().is_empty());
    let kinds = move || {
        let offered = WINDOW_KINDS.iter().map(|offered| {
            let selected = kind.get() == Some(offered);
            view! { <option value=offered.function selected=selected>{offered.label}</option> }
        });
        offered.collect_view()
    };
    let choose_kind = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        let kind = WINDOW_KINDS.iter().find(|kind| kind.function == chosen);
        if let Some(table) = state.table.get_untracked() {
            state.change(|choices| choices.choose_window(kind, &table));
        }
    };
    let column_problem = Memo::new(move |_| {
        let table = state.table.get();
        window
            .with(|window| window.as_ref().zip(table.as_ref()).and_then(|(w, table)| w.column_problem(table)))
    });
    let is_incomplete = Memo::new(move |_| {
        let table = state.table.get();
        window.with(|window| {
            window.as_ref().zip(table.as_ref()).is_some_and(|(w, table)| !w.is_complete(table))
        })
    });
    let parameters = move || kind.get().map(|kind| kind.parameters).unwrap_or_default();
    view! {
        <Show
            when=move || has_times.get()
            fallback=|| view! { <p class="text-xs text-base-content/70 @xs:pt-1">{t!("No column is a timestamp.")}</p> }
        >
            <div class="join max-w-full" data-builder="window">
                <select class="select select-xs join-item w-auto" aria-label=t!("Kind of windows") on:change=choose_kind>
                    <option value="" selected=move || kind.get().is_none()>{t!("none")}</option>
                    {kinds}
                </select>
                <Show when=move || kind.get().is_some()>
                    <NamePicker
                        label=t!("Column of the event time")
                        names=Signal::derive(times)
                        chosen=column
                        on_choose=move |name| change(state, |window| window.column.clone_from(&name))
                    />
                </Show>
            </div>
            <Show when=move || kind.get().is_some()>
                <p class="basis-full text-xs text-base-content/70">
                    {move || kind.get().map(|kind| crate::texts::text(kind.meaning))}
                </p>
            </Show>
            <Show when=move || column_problem.get().is_some()>
                <p class="basis-full text-xs text-error" data-builder="problem">{move || column_problem.get()}</p>
            </Show>
            <For each=parameters key=|parameter| **parameter let:parameter>
                <LengthField state=state parameter=*parameter/>
            </For>
            <Show when=move || kind.get().is_some_and(|kind| kind.has_calendar)>
                <ZoneField state=state/>
            </Show>
            <Show when=move || kind.get().is_some_and(|kind| kind.has_keys)>
                <Keys state=state/>
            </Show>
            <Show when=move || is_incomplete.get()>
                <span class="text-xs opacity-75">{t!("not applied yet")}</span>
            </Show>
        </Show>
    }
}

/// A number and a unit, and what is wrong with them.
#[component]
fn LengthField(state: BuilderState, parameter: Parameter) -> impl IntoView {
    let length = Memo::new(move |_| {
        state.choices.with(|choices| choices.window.as_ref().map(|window| window.length(parameter).clone()))
    });
    let problem = Memo::new(move |_| {
        state.choices.with(|choices| choices.window.as_ref().and_then(|window| window.problem(parameter)))
    });
    let label = parameter.label();
    let id = format!("window-{label}");
    let problem_id = format!("{id}-problem");
    let units = move || {
        let chosen = length.get().map(|length| length.unit);
        let offered = UNITS.iter().filter(|unit| unit.is_time() || parameter.takes_months());
        let offered = offered.map(|unit| {
            let selected = chosen == Some(*unit);
            view! { <option value=unit.name selected=selected>{unit.name}</option> }
        });
        offered.collect_view()
    };
    view! {
        <div class="grid basis-full grid-cols-[3rem_minmax(0,1fr)] items-center gap-x-1.5" data-builder=label>
            <label class="text-xs opacity-70" for=id.clone()>{label}</label>
            <div class="join">
                <input
                    id=id
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    class="input input-xs join-item w-16"
                    class:input-error=move || problem.get().is_some()
                    aria-invalid=move || problem.get().is_some().to_string()
                    aria-describedby=problem_id.clone()
                    placeholder=parameter.placeholder()
                    prop:value=move || length.get().map(|length| length.count).unwrap_or_default()
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        change(state, |window| window.length_mut(parameter).count = typed);
                    }
                />
                {if parameter.counts_rows() {
                    ().into_any()
                } else {
                    view! {
                        <select
                            class="select select-xs join-item w-auto"
                            aria-label=tf!("Unit of the {label}", label = label)
                            on:change=move |event| {
                                if let Some(unit) = Unit::named(&event_target_value(&event)) {
                                    change(state, |window| window.length_mut(parameter).unit = unit);
                                }
                            }
                        >
                            {units}
                        </select>
                    }
                    .into_any()
                }}
            </div>
            <p
                id=problem_id
                class="col-start-2 text-xs text-error"
                class:pt-1=move || problem.get().is_some()
                aria-live="polite"
                data-builder="problem"
            >
                {move || problem.get()}
            </p>
        </div>
    }
}

/// The zone whose calendar windows follow.
#[component]
fn ZoneField(state: BuilderState) -> impl IntoView {
    let zone = Memo::new(move |_| {
        state
            .choices
            .with(|choices| choices.window.as_ref().map(|window| window.zone.clone()).unwrap_or_default())
    });
    let problem = Memo::new(move |_| {
        state.choices.with(|choices| choices.window.as_ref().and_then(Window::zone_problem))
    });
    let names = zone_names().into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <div class="grid basis-full grid-cols-[3rem_minmax(0,1fr)] items-center gap-x-1.5" data-builder="zone">
            <label class="text-xs opacity-70" for="window-zone" title=t!("Whose days and months windows follow")>{t!("zone")}</label>
            <input
                id="window-zone"
                type="text"
                list="window-zones"
                autocomplete="off"
                spellcheck="false"
                class="input input-xs w-full max-w-44"
                class:input-error=move || problem.get().is_some()
                aria-invalid=move || problem.get().is_some().to_string()
                aria-describedby="window-zone-problem"
                placeholder=t!("UTC")
                prop:value=move || zone.get()
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    change(state, |window| window.zone = typed);
                }
            />
            <datalist id="window-zones">{names}</datalist>
            <p
                id="window-zone-problem"
                class="col-start-2 text-xs text-error"
                class:pt-1=move || problem.get().is_some()
                aria-live="polite"
                data-builder="problem"
            >
                {move || problem.get()}
            </p>
        </div>
    }
}

/// Columns whose values have windows of their own.
#[component]
fn Keys(state: BuilderState) -> impl IntoView {
    let keys = Memo::new(move |_| keys_of(state));
    let are_groups = Memo::new(move |_| {
        state.choices.with(|choices| choices.window.as_ref().is_none_or(|window| window.keys.is_none()))
    });
    let change_keys = move |change_keys: &dyn Fn(&mut Vec<String>)| {
        let mut keys = untrack(|| keys_of(state));
        change_keys(&mut keys);
        change(state, |window| window.keys = Some(keys));
    };
    let add = move || {
        let used = untrack(|| keys_of(state));
        let names = untrack(|| state.column_names(|class| !class.is_time()));
        if let Some(name) = names.into_iter().find(|name| !used.contains(name)) {
            change_keys(&|keys| keys.push(name.clone()));
        }
    };
    view! {
        <div class="flex basis-full flex-wrap items-center gap-1.5" role="group" aria-label=t!("Partition by") data-builder="keys">
            <span class="text-xs opacity-70">{t!("partition by")}</span>
            <Show when=move || keys.with(Vec::is_empty)>
                <span class="text-xs text-base-content/70">{t!("nothing: all rows together")}</span>
            </Show>
            <For each=move || 0..keys.with(Vec::len) key=|index| *index let:index>
                <div class="join" data-builder="key">
                    <NamePicker
                        label=t!("Column to partition by")
                        names=Signal::derive(move || state.column_names(|_| true))
                        chosen=Signal::derive(move || keys.with(|keys| keys.get(index).cloned()).unwrap_or_default())
                        on_choose=move |name| change_keys(&|keys| {
                            if let Some(key) = keys.get_mut(index) {
                                key.clone_from(&name);
                            }
                        })
                    />
                    <RemoveButton
                        label=t!("Do not partition by this").to_owned()
                        on_remove=move || change_keys(&|keys| drop(keys.remove(index)))
                    />
                </div>
            </For>
            <AddButton label=t!("key") on_add=add/>
            <Show when=move || !are_groups.get()>
                <button
                    type="button"
                    class="quiet-button"
                    title=t!("Partition by the columns of Group by")
                    on:click=move |_| change(state, |window| window.keys = None)
                >
                    {t!("as Group by")}
                </button>
            </Show>
        </div>
    }
}

fn keys_of(state: BuilderState) -> Vec<String> {
    state.choices.with(|choices| {
        choices.window.as_ref().map(|window| window.keys_beside(&choices.groups)).unwrap_or_default()
    })
}

fn change(state: BuilderState, change: impl FnOnce(&mut Window)) {
    state.change(|choices| {
        if let Some(window) = &mut choices.window {
            change(window);
        }
    });
}
