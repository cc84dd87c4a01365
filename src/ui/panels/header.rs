//! The line at the top: name, state of the engine, menu.

use leptos::prelude::*;
use millrace_protocol::BootStage;

use crate::{
    commands::{COMMANDS, Page},
    format,
    icons::{self, Icon},
    panels::menu::Menu,
    state::{EngineState, EngineStatus},
};

/// The line at the top.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="bg-base-100 border-base-300 relative flex h-12 shrink-0 items-center gap-3 border-b px-4">
            <span class="text-primary inline-flex items-center gap-2">
                <Icon path=icons::WAVES class="size-5"/>
                <h1 class="text-base-content text-base font-semibold tracking-tight">{t!("Millrace")}</h1>
            </span>
            <span class="text-base-content/70 hidden items-center gap-1.5 text-xs sm:inline-flex">
                <Icon path=icons::LOCK class="size-3.5"/>
                {t!("Nothing leaves this tab")}
            </span>
            <span class="grow"></span>
            <EngineChip/>
            <div class="-mx-1 hidden items-center sm:flex">
                <StepButton name="undo"/>
                <StepButton name="redo"/>
                <StepButton name="palette"/>
            </div>
            <Menu/>
            <BootBar/>
        </header>
    }
}

/// A command as a button without words.
#[component]
fn StepButton(
    /// Name of the command.
    name: &'static str,
) -> impl IntoView {
    let page = Page::of_context();
    COMMANDS.iter().find(|command| command.name == name).map(|command| {
        let keys = command.keys.first().map(|keys| keys.words().join("+")).unwrap_or_default();
        view! {
            <button
                class="icon-button disabled:cursor-default disabled:opacity-35"
                aria-label=move || (command.label)(page)
                title=move || format!("{} ({keys})", (command.label)(page))
                data-command-button=name
                disabled=move || !(command.is_possible)(page)
                on:click=move |_| (command.run)(page)
            >
                <Icon path=command.icon/>
            </button>
        }
    })
}

/// What the engine is doing, in a few words.
#[component]
fn EngineChip() -> impl IntoView {
    let engine = expect_context::<EngineState>();
    let dot = move || match engine.status.get() {
        EngineStatus::Ready { .. } => "bg-success",
        EngineStatus::Impossible(_) => "bg-error",
        EngineStatus::Booting { .. } | EngineStatus::Restarting => "bg-warning animate-pulse",
    };
    let words = move || match engine.status.get() {
        EngineStatus::Booting { stage: BootStage::Download, loaded_bytes, total_bytes }
            if total_bytes > 0 =>
        {
            tf!(
                "loading engine · {a} of {b}",
                a = format::bytes(loaded_bytes),
                b = format::bytes(total_bytes)
            )
        }
        EngineStatus::Booting { stage: BootStage::Compile, .. } => t!("starting engine").to_owned(),
        EngineStatus::Booting { .. } => t!("loading engine").to_owned(),
        EngineStatus::Ready { threads: 1, .. } => t!("engine ready · 1 thread").to_owned(),
        EngineStatus::Ready { threads, .. } => tf!("engine ready · {threads} threads", threads = threads),
        EngineStatus::Restarting => t!("restarting engine").to_owned(),
        EngineStatus::Impossible(_) => t!("no engine").to_owned(),
    };
    // Told to screen readers: the steps, not every percent.
    let announced = Memo::new(move |_| match engine.status.get() {
        EngineStatus::Booting { .. } => t!("Loading the engine"),
        EngineStatus::Ready { .. } => t!("The engine is ready"),
        EngineStatus::Restarting => t!("The engine is being replaced"),
        EngineStatus::Impossible(_) => t!("There is no engine"),
    });
    let version = move || match engine.status.get() {
        EngineStatus::Ready { version, .. } => tf!("Millrace {version}", version = version),
        _ => String::new(),
    };
    view! {
        <span
            class="text-base-content/70 figures inline-flex min-w-0 items-center gap-2 text-xs"
            title=version
            data-part="engine-status"
        >
            <span class=move || format!("size-2 shrink-0 rounded-full {}", dot())></span>
            <span class="truncate">{words}</span>
        </span>
        <span class="sr-only" role="status">{announced}</span>
    }
}

/// A thin bar along the lower edge while the engine arrives.
#[component]
fn BootBar() -> impl IntoView {
    let engine = expect_context::<EngineState>();
    let share = Memo::new(move |_| match engine.status.get() {
        #[expect(clippy::cast_precision_loss, reason = "a bar of some hundred pixels")]
        EngineStatus::Booting { stage: BootStage::Download, loaded_bytes, total_bytes } => {
            Some(if total_bytes == 0 { 0.02 } else { 0.9 * loaded_bytes as f64 / total_bytes as f64 })
        }
        EngineStatus::Booting { stage: BootStage::Compile, .. } | EngineStatus::Restarting => Some(0.95),
        EngineStatus::Ready { .. } | EngineStatus::Impossible(_) => None,
    });
    view! {
        <Show when=move || share.get().is_some()>
            <div
                class="absolute inset-x-0 -bottom-px h-0.5"
                role="progressbar"
                aria-label=t!("Loading the engine")
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", share.get().unwrap_or(1.0) * 100.0)
            >
                <div
                    class="bg-primary h-full origin-left transition-transform duration-200"
                    style:transform=move || format!("scaleX({:.3})", share.get().unwrap_or(1.0))
                ></div>
            </div>
        </Show>
    }
}
