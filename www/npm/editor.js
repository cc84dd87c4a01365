// The SQL editor, by CodeMirror 6. What it knows about tables comes from the page; colours come from
// CSS variables, so that light and dark need no second theme.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  snippetCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { SQLDialect, StandardSQL, keywordCompletionSource, schemaCompletionSource } from "@codemirror/lang-sql";
import { HighlightStyle, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

const dialect = SQLDialect.define({
  ...StandardSQL.spec,
  caseInsensitiveIdentifiers: false,
  keywords:
    "all and anti any as asc between by case cast create cross current date_part desc describe distinct else end " +
    "except exclude exists explain extract false filter first following for from full group groups having ilike in " +
    "inner intersect interval into is join last lateral left like limit natural not null nulls offset on or order " +
    "outer over partition preceding qualify range recursive right rollup row rows select semi set similar some table " +
    "then to true unbounded union unnest using values when where window with within cube grouping sets",
  types:
    "array bigint binary boolean bytea char date decimal double float int integer numeric precision real smallint " +
    "string text time timestamp timestamptz tinyint unsigned varchar",
  builtin: "cumulate descriptor hop session tumble",
});

// What stands behind the table and its time in calls of the window functions. Lengths are fields to fill in.
const windowLengths = {
  tumble: "INTERVAL '${3:10}' MINUTES",
  hop: "INTERVAL '${3:5}' MINUTES, INTERVAL '${4:10}' MINUTES",
  cumulate: "INTERVAL '${3:1}' HOUR, INTERVAL '${4:1}' DAY",
  session: "INTERVAL '${3:5}' MINUTES",
};

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--sql-keyword)", fontWeight: "600" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--sql-type)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--sql-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--sql-number)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--sql-comment)", fontStyle: "italic" },
  { tag: [tags.operator, tags.punctuation, tags.paren], color: "var(--sql-operator)" },
]);

const plainName = /^[a-z_][a-z0-9_]*$/;

function quoted(name) {
  return plainName.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function columnSource(tables) {
  const options = new Map();
  for (const table of tables) {
    for (const { name, type } of table.columns) {
      const seen = options.get(name);
      if (seen) seen.detail = `${type} in several tables`;
      else options.set(name, { label: name, apply: quoted(name), type: "property", detail: `${type}  ${table.name}`, boost: 3 });
    }
  }
  const list = [...options.values()];
  return (context) => {
    const word = context.matchBefore(/[\w$]+/);
    if (!word && !context.explicit) return null;
    const from = word ? word.from : context.pos;
    // Behind a point only the columns of that table fit, which the schema's source offers.
    if (context.state.sliceDoc(from - 1, from) === ".") return null;
    return { from, options: list, validFor: /^[\w$]*$/ };
  };
}

// Calls of window functions as templates, over the first table that has an event time.
function windowOptions(tables) {
  const isTime = ({ type }) => /^timestamp/i.test(type);
  const table = tables.find(({ columns }) => columns.some(isTime));
  // Names with braces would end a field of a template.
  const field = (name, otherwise) => (name !== undefined && /^[^\\{}]+$/.test(name) ? quoted(name) : otherwise);
  const rows = field(table?.name, "t");
  const time = field(table?.columns.find(isTime).name, "ts");
  return Object.entries(windowLengths).map(([name, lengths]) => {
    const label = name.toUpperCase();
    const template = `${label}(TABLE \${1:${rows}}, DESCRIPTOR(\${2:${time}}), ${lengths})`;
    return snippetCompletion(template, { label, type: "function", detail: "window" });
  });
}

function functionSource(tables, functions) {
  const plain = functions.filter((name) => !(name.toLowerCase() in windowLengths));
  const options = [
    ...windowOptions(tables),
    ...plain.map((label) => ({ label, apply: applyFunction, type: "function", boost: -1 })),
  ];
  return (context) => {
    const word = context.matchBefore(/[\w$]+/);
    if (!word || context.state.sliceDoc(word.from - 1, word.from) === ".") return null;
    return { from: word.from, options, validFor: /^[\w$]*$/ };
  };
}

// Words of the language. Those of windows are offered as templates.
function keywordSource() {
  const source = keywordCompletionSource(dialect, true);
  return (context) => {
    const found = source(context);
    const isOther = ({ label }) => !(label.toLowerCase() in windowLengths);
    return found && { ...found, options: found.options.filter(isOther) };
  };
}

function applyFunction(view, completion, from, to) {
  const open = view.state.sliceDoc(to, to + 1) === "(";
  const insert = open ? completion.label : `${completion.label}()`;
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + completion.label.length + 1 },
    userEvent: "input.complete",
  });
}

function language(tables, functions) {
  const schema = Object.fromEntries(
    tables.map((table) => [
      table.name,
      table.columns.map(({ name, type }) => ({ label: name, apply: quoted(name), type: "property", detail: type })),
    ]),
  );
  const sources = [
    columnSource(tables),
    functionSource(tables, functions),
    schemaCompletionSource({ dialect, schema }),
    keywordSource(),
  ];
  return [dialect.extension, sources.map((autocomplete) => dialect.language.data.of({ autocomplete }))];
}

// Creates an editor inside `parent`. `hooks` has onChange(text), onRun(), and onCancel() returning whether
// there was something to cancel.
export function create(parent, text, label, hint, hooks) {
  const languageSlot = new Compartment();
  const keys = [
    { key: "Mod-Enter", run: (view) => (closeCompletion(view), hooks.onRun(), true) },
    { key: "Escape", run: () => hooks.onCancel() },
    { key: "Tab", run: acceptCompletion },
  ];
  const stateOf = (doc) =>
    EditorState.create({
      doc,
      extensions: [
        Prec.high(keymap.of(keys)),
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: true, maxRenderedOptions: 60 }),
        syntaxHighlighting(highlighting),
        placeholder(hint),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap]),
        languageSlot.of(language([], [])),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) hooks.onChange(update.state.doc.toString());
        }),
      ],
    });
  const view = new EditorView({ parent, state: stateOf(text) });
  return { view, languageSlot, stateOf, key: undefined, others: new Map(), language: language([], []) };
}

// Shows the text of a tab, named by a key: with the cursor and the steps to undo that it had when another one
// was shown. A text that has become another one meanwhile is replaced, which the user can undo.
export function show(editor, key, text) {
  const { view, others } = editor;
  if (editor.key !== key) {
    if (editor.key !== undefined) {
      others.set(editor.key, view.state);
      const had = others.get(key);
      others.delete(key);
      view.setState(had ?? editor.stateOf(text));
      view.dispatch({ effects: editor.languageSlot.reconfigure(editor.language) });
    }
    editor.key = key;
  }
  if (view.state.doc.toString() === text) return;
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text },
    selection: { anchor: text.length },
    userEvent: "input.replace",
  });
}

// Puts a name where the cursor is, with a space before it where one is needed.
export function insertName(editor, name) {
  const { view } = editor;
  const { from, to } = view.state.selection.main;
  const before = view.state.sliceDoc(from - 1, from);
  const insert = (/[\w"]/.test(before) ? " " : "") + quoted(name);
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input" });
  view.focus();
}

// Makes an editor that nobody sees, so that the first one that is seen is quick.
export async function warm() {
  const hooks = { onChange() {}, onRun() {}, onCancel: () => false };
  const editor = create(document.createElement("div"), "SELECT a, count(*) FROM t GROUP BY 1", "SQL", "", hooks);
  setSchema(editor, [{ name: "t", columns: [{ name: "a", type: "BIGINT" }] }], ["count"]);
  destroy(editor);
}

// Tables as [{name, columns: [{name, type}]}] and function names for highlighting and completion.
export function setSchema(editor, tables, functions) {
  editor.language = language(tables, functions);
  editor.view.dispatch({ effects: editor.languageSlot.reconfigure(editor.language) });
}

// Marks errors: [{message, hint, fix, line, column, endLine, endColumn}], lines and columns from 1, columns
// in characters. `fix` is the text that would stand there instead.
export function setErrors(editor, errors) {
  const { doc } = editor.view.state;
  const diagnostics = errors.map(({ message, hint, fix, line, column, endLine, endColumn }) => {
    let from = offset(doc, line, column);
    let to = Math.max(offset(doc, endLine, endColumn), from);
    // A mark without width cannot be seen: at the end of the text it goes one character back.
    if (from === to) to < doc.length ? to++ : from > 0 && from--;
    return {
      from,
      to,
      severity: "error",
      message: hint ? `${message}\n${hint}` : message,
      actions: fix == null ? [] : [{ name: `Use ${fix}`, apply: (view, from, to) => replace(view, from, to, fix) }],
    };
  });
  editor.view.dispatch(setDiagnostics(editor.view.state, diagnostics));
}

export function destroy(editor) {
  editor.view.destroy();
}

function replace(view, from, to, insert) {
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input" });
}

function offset(doc, line, column) {
  if (line < 1) return 0;
  if (line > doc.lines) return doc.length;
  const { from, text } = doc.line(line);
  let units = 0;
  let characters = 1;
  for (const character of text) {
    if (characters >= column) break;
    units += character.length;
    characters++;
  }
  return from + units;
}
