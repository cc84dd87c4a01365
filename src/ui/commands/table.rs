//! The table of commands.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Command, Keys, Page};
use crate::{browser, icons, output, panels::dropped::files_of_folder, recipes::Recipes};

/// Every command, in the order in which they are offered.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "palette",
        label: |_| t!("All commands").to_owned(),
        icon: icons::SEARCH,
        keys: &[Keys::ctrl("k"), Keys::ctrl("p").shift()],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.dialogs.palette.set(true),
    },
    Command {
        name: "run",
        label: |_| t!("Run the query").to_owned(),
        icon: icons::RUN,
        keys: &[Keys::ctrl("enter")],
        in_menu: false,
        is_possible: |page| page.query.sql.with(|sql| !sql.trim().is_empty()),
        run: |page| page.actions.run(),
    },
    Command {
        name: "cancel",
        label: |_| t!("Cancel the query").to_owned(),
        icon: icons::STOP,
        keys: &[Keys::plain("escape").everywhere()],
        in_menu: false,
        is_possible: |page| page.query.running.get() && page.stream.id.with(Option::is_none),
        run: |page| page.actions.cancel_query(),
    },
    Command {
        name: "undo",
        label: |page| step(t!("Undo"), page.recipes.to_undo),
        icon: icons::UNDO,
        keys: &[Keys::ctrl("z").outside_of_text()],
        in_menu: true,
        is_possible: |page| page.recipes.to_undo.with(Option::is_some),
        run: |page| page.recipes.undo(),
    },
    Command {
        name: "redo",
        label: |page| step(t!("Redo"), page.recipes.to_redo),
        icon: icons::REDO,
        keys: &[Keys::ctrl("z").shift().outside_of_text(), Keys::ctrl("y").outside_of_text()],
        in_menu: true,
        is_possible: |page| page.recipes.to_redo.with(Option::is_some),
        run: |page| page.recipes.redo(),
    },
    Command {
        name: "new-tab",
        label: |_| t!("New query").to_owned(),
        icon: icons::PLUS,
        keys: &[Keys::alt("t")],
        in_menu: false,
        is_possible: |_| true,
        run: |page| {
            page.actions.open_workbench();
            page.actions.new_tab();
        },
    },
    Command {
        name: "copy-tab",
        label: |_| t!("Copy the query into a new tab").to_owned(),
        icon: icons::COPY,
        keys: &[Keys::alt("d")],
        in_menu: false,
        is_possible: |page| page.query.sql.with(|sql| !sql.trim().is_empty()),
        run: |page| page.actions.copy_tab(),
    },
    Command {
        name: "close-tab",
        label: |_| t!("Close the query").to_owned(),
        icon: icons::CLOSE,
        keys: &[Keys::alt("w")],
        in_menu: false,
        is_possible: |_| true,
        run: |page| page.actions.close_tab(page.tabs.open.get_untracked()),
    },
    Command {
        name: "next-tab",
        label: |_| t!("Go to the next query").to_owned(),
        icon: icons::DOWN,
        keys: &[Keys::alt("pagedown")],
        in_menu: false,
        is_possible: several_tabs,
        run: |page| page.actions.step_tab(1),
    },
    Command {
        name: "previous-tab",
        label: |_| t!("Go to the query before").to_owned(),
        icon: icons::DOWN,
        keys: &[Keys::alt("pageup")],
        in_menu: false,
        is_possible: several_tabs,
        run: |page| page.actions.step_tab(-1),
    },
    Command {
        name: "move-tab-right",
        label: |_| t!("Move the query to the right").to_owned(),
        icon: icons::DOWN,
        keys: &[Keys::alt("pagedown").shift()],
        in_menu: false,
        is_possible: several_tabs,
        run: |page| page.actions.shift_tab(1),
    },
    Command {
        name: "move-tab-left",
        label: |_| t!("Move the query to the left").to_owned(),
        icon: icons::DOWN,
        keys: &[Keys::alt("pageup").shift()],
        in_menu: false,
        is_possible: several_tabs,
        run: |page| page.actions.shift_tab(-1),
    },
    Command {
        name: "board",
        label: |page| {
            if page.board.shown.get() { t!("Back to the queries") } else { t!("Show the dashboard") }
                .to_owned()
        },
        icon: icons::BOARD,
        keys: &[Keys::alt("b")],
        in_menu: true,
        is_possible: |_| true,
        run: |page| {
            page.actions.open_workbench();
            page.actions.show_board(!page.board.shown.get_untracked());
        },
    },
    Command {
        name: "add-to-board",
        label: |_| t!("Put the chart on the dashboard").to_owned(),
        icon: icons::BOARD,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.add_tiles(&[page.tabs.open.get_untracked()]),
    },
    Command {
        name: "add-files",
        label: |_| t!("Add files").to_owned(),
        icon: icons::DROP,
        keys: &[Keys::ctrl("o")],
        in_menu: false,
        is_possible: |_| true,
        run: |page| add_files(page.recipes),
    },
    Command {
        name: "add-folder",
        label: |_| t!("Add a folder").to_owned(),
        icon: icons::DROP,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| browser::choose_folder(move |files| page.recipes.take_files(files_of_folder(files))),
    },
    Command {
        name: "sample",
        label: |_| t!("Try the sample").to_owned(),
        icon: icons::SPARK,
        keys: &[],
        in_menu: false,
        is_possible: |page| page.tables.sample.with(Option::is_none),
        run: |page| page.actions.add_sample(),
    },
    Command {
        name: "stream",
        label: |_| t!("Follow a stream").to_owned(),
        icon: icons::STREAM,
        keys: &[],
        in_menu: false,
        is_possible: |_| true,
        run: |page| page.stream.dialog.set(true),
    },
    Command {
        name: "save-csv",
        label: |_| t!("Save the result as CSV").to_owned(),
        icon: icons::DROP,
        keys: &[Keys::ctrl("s")],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.save(&output::CSV),
    },
    Command {
        name: "save-parquet",
        label: |_| t!("Save the result as Parquet").to_owned(),
        icon: icons::DROP,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.save(&output::PARQUET),
    },
    Command {
        name: "save-arrow",
        label: |_| t!("Save the result as Arrow (Feather)").to_owned(),
        icon: icons::DROP,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.save(&output::ARROW),
    },
    Command {
        name: "save-excel",
        label: |_| t!("Save the result as an Excel workbook").to_owned(),
        icon: icons::DROP,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.save(&output::EXCEL),
    },
    Command {
        name: "copy-tsv",
        label: |_| t!("Copy the result for spreadsheets (TSV)").to_owned(),
        icon: icons::COPY,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.take_along(&output::TSV),
    },
    Command {
        name: "copy-markdown",
        label: |_| t!("Copy the result as Markdown").to_owned(),
        icon: icons::COPY,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.take_along(&output::MARKDOWN),
    },
    Command {
        name: "save-ndjson",
        label: |_| t!("Save the result as JSON lines").to_owned(),
        icon: icons::DROP,
        keys: &[],
        in_menu: false,
        is_possible: has_result,
        run: |page| page.actions.take_along(&output::NDJSON),
    },
    Command {
        name: "share",
        label: |_| t!("Share as a link").to_owned(),
        icon: icons::LINK,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.dialogs.share.set(true),
    },
    Command {
        name: "save-recipe",
        label: |_| t!("Save recipe as a file").to_owned(),
        icon: icons::FILE,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.recipes.save_file(),
    },
    Command {
        name: "open-recipe",
        label: |_| t!("Open a recipe from a file").to_owned(),
        icon: icons::FILE,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| browser::choose_files(".json", false, move |files| page.recipes.open_files(files)),
    },
    Command {
        name: "begin-anew",
        label: |_| t!("Begin anew").to_owned(),
        icon: icons::PLUS,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.recipes.begin_anew(),
    },
    Command {
        name: "theme",
        label: |page| {
            if page.theme.dark.get() { t!("Use light colours") } else { t!("Use dark colours") }.to_owned()
        },
        icon: icons::SUN,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.theme.toggle(),
    },
    Command {
        name: "language",
        // In its own words, for those who read no others.
        label: |page| page.spoken.language.get().other().own_name().to_owned(),
        icon: icons::LANGUAGE,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| {
            let other = page.spoken.language.get_untracked().other();
            spawn_local(page.spoken.choose(other));
        },
    },
    Command {
        name: "keys",
        label: |_| t!("Keys").to_owned(),
        icon: icons::KEYBOARD,
        keys: &[Keys::plain("?")],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.dialogs.keys.set(true),
    },
    Command {
        name: "benchmark",
        label: |_| t!("Benchmark").to_owned(),
        icon: icons::GAUGE,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.dialogs.benchmark.set(true),
    },
    Command {
        name: "about",
        label: |_| t!("About Millrace").to_owned(),
        icon: icons::WAVES,
        keys: &[],
        in_menu: true,
        is_possible: |_| true,
        run: |page| page.dialogs.about.set(true),
    },
];

fn has_result(page: Page) -> bool {
    page.query.id.with(Option::is_some)
}

fn several_tabs(page: Page) -> bool {
    page.tabs.list.with(|list| list.len() > 1)
}

fn step(verb: &str, what: RwSignal<Option<String>>) -> String {
    what.with(|what| what.as_ref().map_or_else(|| verb.to_owned(), |what| format!("{verb}: {what}")))
}

fn add_files(recipes: Recipes) {
    if !browser::gives_handles() {
        browser::choose_files("", true, move |files| recipes.take_files(files));
        return;
    }
    spawn_local(async move {
        if !recipes.pick().await {
            browser::choose_files("", true, move |files| recipes.take_files(files));
        }
    });
}
