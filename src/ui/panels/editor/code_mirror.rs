//! `www/npm/editor.js` from Rust.

use js_sys::{Object, Reflect};
use millrace_protocol::{ColumnInfo, ErrorInfo, TableInfo};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::HtmlElement;

use crate::{error_text, modules, state::TabId};

/// What the editor tells the page.
pub struct Hooks {
    on_change: Closure<dyn Fn(String)>,
    on_run: Closure<dyn Fn()>,
    on_cancel: Closure<dyn Fn() -> bool>,
}

impl Hooks {
    /// `on_cancel` returns whether there was something to cancel.
    pub fn new(
        on_change: impl Fn(String) + 'static,
        on_run: impl Fn() + 'static,
        on_cancel: impl Fn() -> bool + 'static,
    ) -> Self {
        Self {
            on_change: Closure::new(on_change),
            on_run: Closure::new(on_run),
            on_cancel: Closure::new(on_cancel),
        }
    }

    fn as_object(&self) -> Result<Object, JsValue> {
        let object = Object::new();
        Reflect::set(&object, &"onChange".into(), self.on_change.as_ref())?;
        Reflect::set(&object, &"onRun".into(), self.on_run.as_ref())?;
        Reflect::set(&object, &"onCancel".into(), self.on_cancel.as_ref())?;
        Ok(object)
    }
}

/// An editor in the page. Dropping it takes it out.
pub struct CodeMirror {
    module: EditorModule,
    editor: JsValue,
    _hooks: Hooks,
}

impl CodeMirror {
    /// Loads the editor and puts it into `holder`.
    ///
    /// # Errors
    /// When its script cannot be loaded or fails.
    pub async fn create(holder: &HtmlElement, text: &str, hooks: Hooks) -> Result<Self, JsValue> {
        let module: EditorModule = modules::load("millrace/editor").await?.unchecked_into();
        let hint = "SELECT …   Ctrl+Enter runs, Ctrl+Space completes";
        let editor = module.create(holder, text, "SQL", hint, &hooks.as_object()?)?;
        Ok(Self { module, editor, _hooks: hooks })
    }

    /// Shows the text of a tab. Each tab has a cursor and steps to undo of its own.
    pub fn show(&self, tab: TabId, text: &str) {
        report(self.module.show(&self.editor, tab, text));
    }

    /// Writes a name where the cursor is.
    pub fn insert_name(&self, name: &str) {
        report(self.module.insert_name(&self.editor, name));
    }

    /// What can be completed.
    pub fn set_schema(
        &self,
        tables: &[TableInfo],
        queries: &[(String, Vec<ColumnInfo>)],
        functions: &[String],
    ) {
        let of_query = |(name, columns): &'_ (String, Vec<ColumnInfo>)| (name.clone(), columns.clone());
        let tables = tables.iter().map(|table| (table.name.clone(), table.columns.clone()));
        let tables: Vec<_> = tables
            .chain(queries.iter().map(of_query))
            .map(|(name, columns)| Table { name, columns })
            .collect();
        report(to_js(&tables).and_then(|tables| {
            let functions = to_js(functions)?;
            self.module.set_schema(&self.editor, &tables, &functions)
        }));
    }

    /// Marks errors that have a position.
    pub fn set_errors(&self, errors: &[ErrorInfo]) {
        let marks: Vec<_> = errors.iter().filter_map(Mark::of).collect();
        report(to_js(&marks).and_then(|marks| self.module.set_errors(&self.editor, &marks)));
    }
}

impl Drop for CodeMirror {
    fn drop(&mut self) {
        report(self.module.destroy(&self.editor));
    }
}

#[derive(Serialize)]
struct Table {
    name: String,
    columns: Vec<ColumnInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mark<'a> {
    message: &'a str,
    hint: Option<&'a str>,
    fix: Option<String>,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> Mark<'a> {
    fn of(error: &'a ErrorInfo) -> Option<Self> {
        let position = error.position?;
        Some(Self {
            message: &error.message,
            hint: error.hint.as_deref(),
            fix: error_text::fix(error),
            line: position.line,
            column: position.column,
            end_line: position.end_line,
            end_column: position.end_column,
        })
    }
}

#[wasm_bindgen]
extern "C" {
    /// The exports of `www/npm/editor.js`.
    type EditorModule;

    #[wasm_bindgen(method, catch)]
    fn create(
        this: &EditorModule,
        parent: &HtmlElement,
        text: &str,
        label: &str,
        hint: &str,
        hooks: &Object,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn show(this: &EditorModule, editor: &JsValue, key: u32, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = insertName)]
    fn insert_name(this: &EditorModule, editor: &JsValue, name: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setSchema)]
    fn set_schema(
        this: &EditorModule,
        editor: &JsValue,
        tables: &JsValue,
        functions: &JsValue,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setErrors)]
    fn set_errors(this: &EditorModule, editor: &JsValue, errors: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn destroy(this: &EditorModule, editor: &JsValue) -> Result<(), JsValue>;
}

fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(value)?)
}

/// The page goes on without what failed in the editor; the console says what it was.
fn report(done: Result<(), JsValue>) {
    if let Err(reason) = done {
        web_sys::console::error_2(&"millrace: the SQL editor failed".into(), &reason);
    }
}
