// Joins the modules: editor, analysis, results, charts, links, drafts, keys.

import { Analysis, notice } from "./analysis.js";
import { Charts } from "./charts.js";
import { colourCode, reveal, setUpCode } from "./code.js";
import { setUpDrafts } from "./drafts.js";
import { setUpExplanations } from "./explain.js";
import { Editor } from "./editor.js";
import { setUpFormat } from "./format.js";
import { setUpGallery } from "./gallery.js";
import { setUpKeys } from "./keys.js";
import { keysAt, linker, readLayers, writeShares } from "./link.js";
import { setUpMenus } from "./menus.js";
import { Panels } from "./panels.js";
import { keepFolds, setUpTabs, show, shownTab, toggleAll, toggleGroup } from "./results.js";
import { flash, fromAddress, setUpShare } from "./share.js";
import { setUpTheme } from "./theme.js";
import { setUpVerification } from "./verify.js";

const element = (id) => document.getElementById(id);
const form = element("playground");
const settingNames = ["framework", "batch", "dtype", "optimizer", "device"];
const defaults = { framework: "tensorflow", batch: "1", dtype: "float32", optimizer: "", device: "" };

const editor = new Editor(element("source"), element("paint"), element("editor"));
const analysis = new Analysis(form, () => ({ shown: shownTab(), panel: panels.held(shownTab()) }));
const charts = new Charts(element("cost-chart"), element("chart-empty"), (kind, key) => {
  if (kind === "over") link.keys([key]);
  else if (kind === "click") gotoKey(key);
  else link.line(editor.focused ? editor.caretLine : 0);
});
const link = linker(editor, charts);
const panels = new Panels(charts, (name) => { if (name === shownTab()) drawShown(name, true); });
let latest = null;
let followed;

// Answers
analysis.addEventListener("answer", ({ detail }) => {
  latest = detail;
  readLayers(detail.rows);
  writeShares(detail.shares);
  keepFolds(detail.rows);
  for (const item of document.querySelectorAll("#diagnostics .touched")) item.classList.remove("touched");
  panels.answer(detail, shownTab());
  if (detail.current) editor.annotate(detail.diagnostics, detail.ghosts);
  if (editor.focused) link.line(editor.caretLine);
  drawShown(shownTab());
});

/** A diagram shrinks to its pane, but not to where nobody can read it: from there it scrolls. */
function keepLegible() {
  const drawing = document.querySelector("#diagram svg");
  if (drawing) drawing.style.minWidth = `${0.65 * drawing.width.baseVal.value}px`;
}

function drawShown(name, isFetched = false) {
  if (name === "charts") charts.draw();
  if (name === "diagram") keepLegible();
  if (name === "code") colourCode(isFetched);
  link.again();
}

/** Show what stands behind a tab, and have it brought where it is not of the source as it was last analysed. */
function look(name) {
  panels.want(name);
  drawShown(name);
}

// Edits and settings
editor.addEventListener("edit", ({ detail }) => {
  for (const item of document.querySelectorAll("#diagnostics li")) item.classList.add("touched");
  analysis.changed(detail.urgent);
});
editor.addEventListener("left", () => analysis.flush());
editor.addEventListener("caret", ({ detail }) => {
  link.line(detail.line);
  const [key] = keysAt(detail.line);
  if (key && key !== followed) reveal(key); // and not again while a person types in its line
  followed = key;
});
editor.addEventListener("hover", ({ detail }) => link.line(detail.line || (editor.focused ? editor.caretLine : 0)));
for (const name of settingNames) {
  form.elements[name].addEventListener("input", () => analysis.changed(name !== "batch"));
}
form.elements.batch.addEventListener("change", () => analysis.flush());
form.elements.batch.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // else the browser presses the form's first button, which downloads
  analysis.flush(true);
});

const settings = () => Object.fromEntries(
  settingNames.map((name) => [name, form.elements[name].value]).filter(([name, value]) => value !== defaults[name]),
);

function put(source, chosen = {}) {
  for (const name of settingNames) if (chosen[name]) form.elements[name].value = chosen[name];
  editor.replaceAll(source);
}

// Places: [Ln, Col], fixes, names of layers, nodes
function goto(line, column) {
  showPane("source");
  editor.goto(line, column);
}

/** Go to the line of a layer, and bring its code into view. */
function gotoKey(key) {
  const row = rowOf(key);
  if (row) goto(Number(row.dataset.line));
  reveal(key);
}

const rowOf = (key) => document.querySelector(`#table tr[data-key="${CSS.escape(key)}"]`);

function gotoRow(event, key) {
  event.preventDefault();
  show("table", look);
  rowOf(key)?.querySelector(".goto").focus(); // which lights it up
}

function gotoNode(node) {
  goto(Number(node.dataset.line)); // an input has no row
  reveal(node.dataset.key);
}

/** Make the edits of one fix, or of the first fixes of several diagnostics. */
function fix(button) {
  const { diagnostic, fix = 0, diagnostics = diagnostic } = button.dataset;
  const fixes = diagnostics.split(" ").map((index) => latest?.diagnostics[index]?.fixes[fix]);
  if (!fixes.every(Boolean)) return;
  if (latest.revision !== analysis.revision) {
    notice("The text has changed since; wait for the new analysis.");
    return;
  }
  showPane("source");
  editor.edit(fixes.flatMap((each) => each.edits));
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  const place = at("[data-goto-line]");
  if (place) {
    goto(Number(place.dataset.gotoLine), Number(place.dataset.gotoColumn ?? 1));
    const row = place.closest("[data-key]");
    if (row) reveal(row.dataset.key);
  }
  else if (at("[data-goto-key]")) gotoRow(event, at("[data-goto-key]").dataset.gotoKey);
  else if (at(".fix, .fix-all")) fix(at(".fix, .fix-all"));
  else if (at(".fold")) toggleGroup(at(".fold"));
  else if (at(".fold-all")) toggleAll();
  else if (at("#diagram [data-key]")) gotoNode(at("#diagram [data-key]"));
  else if (at(".copy")) copyCode(at(".copy"));
  else if (at(".switch [data-pane]")) showPane(at("[data-pane]").dataset.pane);
});

async function copyCode(button) {
  try {
    await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
    flash(button, "Copied");
  } catch {
    flash(button, "Failed");
  }
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll(".switch [data-pane]")) {
    button.setAttribute("aria-pressed", String(button.dataset.pane === name));
  }
  if (name === "results") look(shownTab());
}

// Pointing at a layer, by mouse or by keyboard
const results = document.querySelector(".results-pane");
const pointed = (event) => {
  const layer = event.target.closest("[data-key]");
  if (layer) link.keys([layer.dataset.key]);
};
results.addEventListener("mouseover", pointed);
results.addEventListener("focusin", pointed);
results.addEventListener("mouseleave", () => link.line(editor.focused ? editor.caretLine : 0));
element("diagram").parentElement.addEventListener("keydown", (event) => {
  const node = event.target.closest("[data-key]");
  if (node && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    gotoNode(node);
  }
});
setUpCode({
  point: (keys) => link.keys(keys),
  look: (key) => { if (rowOf(key)) editor.reveal(Number(rowOf(key).dataset.line)); },
  go: gotoKey,
});

// Examples: put in the editor, undoably
setUpGallery(element("examples"), async (chosen) => {
  try {
    const response = await fetch(`/examples/${chosen.dataset.example}.neural`);
    if (!response.ok) throw new Error(response.statusText);
    put(await response.text());
    history.replaceState(null, "", chosen.pathname);
  } catch {
    notice("The example could not be fetched.");
  }
});

// Start
setUpMenus();
const share = setUpShare(editor, form, settings);
setUpTabs(look);
for (const sign of ["pointerenter", "focus"]) {
  element("tab-charts").addEventListener(sign, () => charts.prepare(), { once: true });
}
// Which backend refuses a network is known once there is code, so who is about to download has it made.
for (const sign of ["pointerover", "focusin"]) {
  element("downloads").parentElement.addEventListener(sign, (event) => {
    if (event.target.closest("#downloads")) panels.want("code");
  });
}
setUpExplanations(form);
setUpVerification(editor, analysis);
setUpTheme(element("theme"), () => charts.recolour());
setUpKeys({ analysis, share, format: setUpFormat(editor), goto, showTab: (name) => { showPane("results"); show(name, look); } });
analysis.first();
await start();
document.documentElement.dataset.ready = "true";

async function start() {
  const linked = await fromAddress();
  const restored = setUpDrafts(editor, put);
  if (linked && !restored) put(linked.source, linked.settings);
  addEventListener("hashchange", async () => {
    const next = await fromAddress();
    if (next && next.source !== editor.value) put(next.source, next.settings);
  });
}
