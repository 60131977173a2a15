// The generated code: its colours, and which of its lines belong to which layers.

import { draw, pythonLines } from "./highlight.js";

const panel = document.getElementById("panel-code");
const differences = document.getElementById("differences");
const shown = new Map(); // by <pre>: its lines, and by layer the lines that are its own
let lit = [];
let asked = null; // the layer that a person chose last
let isWaiting = false; // for code that can be seen

/** Colour code that is not yet, and tell its lines their layers. In code that was fetched, go where it was asked to go. */
export function colourCode(isFetched = false) {
  for (const pre of shown.keys()) if (!pre.isConnected) shown.delete(pre);
  for (const pre of document.querySelectorAll(".code pre")) {
    const code = pre.firstElementChild;
    if ("coloured" in code.dataset) continue;
    code.dataset.coloured = "";
    const lines = pythonLines(code.textContent.replace(/\n$/, "")).map(codeLine);
    const owned = own(lines, JSON.parse(pre.dataset.lines));
    shown.set(pre, { lines, owned });
    code.replaceChildren(...lines);
    markDifferences(owned);
  }
  if (asked && (isWaiting || isFetched)) reveal(asked);
}

function codeLine(found) {
  const line = document.createElement("span");
  line.className = "code-line";
  draw(line, found);
  line.append("\n");
  line.keys = [];
  return line;
}

/** Give lines their layers: rectangles of lines and keys, as webapp/codelines.py makes them. */
function own(lines, { keys, spans }) {
  const owned = new Map(keys.map((key) => [key, []]));
  for (const [first, last, from, to] of spans) {
    for (const line of lines.slice(first - 1, last)) {
      line.keys.push(...keys.slice(from, to + 1));
      for (const key of keys.slice(from, to + 1)) owned.get(key).push(line);
    }
  }
  return owned;
}

/** Mark the first line of each layer with the notes on it of where the frameworks differ. */
function markDifferences(owned) {
  const notes = new Map();
  for (const note of differences.querySelectorAll("[data-note]")) {
    for (const line of new Set(keysOf(note).map((key) => owned.get(key)?.[0]))) {
      if (line) notes.set(line, [...notes.get(line) ?? [], note.dataset.note]);
    }
  }
  for (const [line, words] of notes) {
    const mark = document.createElement("span");
    mark.className = "difference-mark";
    mark.setAttribute("role", "img");
    mark.title = words.join("\n");
    mark.setAttribute("aria-label", `PyTorch and Keras differ. ${words.join(" ")}`);
    line.prepend(mark);
  }
}

const keysOf = (note) => note.dataset.keys.split(" ");

/** Light up the lines of some layers. */
export function lightCode(keys) {
  for (const line of lit) line.classList.remove("linked");
  lit = [...shown.values()].flatMap(({ owned }) => [...keys].flatMap((key) => owned.get(key) ?? []));
  for (const line of lit) line.classList.add("linked");
}

/** Bring the lines of a layer into view, now or when the code is next looked at. */
export function reveal(key) {
  asked = key;
  isWaiting = !panel.clientHeight;
  for (const [pre, { owned }] of shown) {
    const lines = owned.get(key) ?? [];
    if (lines.length && !lines.some((line) => inView(pre, line))) toView(pre, lines[0]);
  }
}

const inView = (pre, line) => line.offsetTop >= pre.scrollTop
  && line.offsetTop + line.offsetHeight <= pre.scrollTop + pre.clientHeight;

function toView(pre, line) {
  pre.scrollTop = line.offsetTop - pre.clientHeight / 3;
}

/** Set up hover, clicks and keys: `point` takes keys to light up, `look` and `go` the key of a chosen line. */
export function setUpCode({ point, look, go }) {
  for (const button of panel.querySelectorAll(".code-switch button")) {
    button.addEventListener("click", () => showBackend(button.dataset.backend));
  }
  const pointed = (event) => {
    const place = event.target.closest(".code-line, [data-keys]");
    if (place) point(place.keys ?? keysOf(place));
  };
  panel.addEventListener("mouseover", pointed);
  differences.addEventListener("focusin", pointed);
  differences.addEventListener("click", (event) => {
    if (event.target.closest(".place")) reveal(keysOf(event.target.closest("[data-keys]"))[0]);
  });
  panel.addEventListener("click", (event) => {
    const line = event.target.closest(".code-line");
    if (event.target.closest(".difference-mark")) differences.open = true;
    if (!line?.keys.length || !getSelection().isCollapsed) return; // a text is being selected
    look(line.keys[0]);
    reveal(line.keys[0]);
  });
  panel.addEventListener("keydown", (event) => {
    const code = shown.get(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!code || (!step && event.key !== "Enter")) return;
    event.preventDefault();
    const at = code.lines.findIndex((line) => line.classList.contains("at"));
    if (step) point(walk(event.target, code.lines, at, step).keys);
    else if (code.lines[at]?.keys.length) go(code.lines[at].keys[0]);
  });
}

/** Step from a line to the next, or to the first that can be seen, and return that. */
function walk(pre, lines, at, step) {
  const next = at < 0 ? lines.findIndex((line) => inView(pre, line)) : at + step;
  const line = lines[Math.min(Math.max(next, 0), lines.length - 1)];
  lines[at]?.classList.remove("at");
  line.classList.add("at");
  line.scrollIntoView({ block: "nearest" });
  return line;
}

function showBackend(backend) {
  panel.dataset.backend = backend;
  for (const button of panel.querySelectorAll(".code-switch button")) {
    button.setAttribute("aria-pressed", String(button.dataset.backend === backend));
  }
  if (asked) reveal(asked);
}
