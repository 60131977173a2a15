// The editor: a textarea that keeps every habit of the browser, over text that is painted line by line.

import { draw, neuralTokens } from "./highlight.js";
import { columnIndex, columns, lineAt, offsetAt, samePlace } from "./text.js";

const INDENT = "    ";
const LARGEST_UNDOABLE = 60000; // the browser's own insertion is slow for more
const PAIRS = { "(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{" };

export class Editor extends EventTarget {
  #area; #paint; #scroller; #lines = []; #rows = []; #marked = new Set(); #linked = []; #caret = null; #size = {}; #engaged = false; #urgent = false; #brackets = []; #row = 21;

  constructor(area, paint, scroller) {
    super();
    [this.#area, this.#paint, this.#scroller] = [area, paint, scroller];
    this.#row = parseFloat(getComputedStyle(area).lineHeight);
    area.addEventListener("input", (event) => this.#changed(event));
    area.addEventListener("keydown", (event) => this.#key(event));
    area.addEventListener("pointerdown", () => { this.#engaged = true; });
    area.addEventListener("blur", () => { this.#engaged = false; this.#emit("left"); });
    area.addEventListener("mousemove", (event) => this.#hover(event));
    area.addEventListener("mouseleave", () => this.#emit("hover", { line: 0 }));
    document.addEventListener("selectionchange", () => { if (document.activeElement === area) this.#moved(); });
    this.#repaint();
    document.documentElement.classList.add("painted");
  }

  get value() { return this.#area.value; }
  get caretLine() { return lineAt(this.value, this.#area.selectionStart); }
  get focused() { return document.activeElement === this.#area; }

  focus() { this.#area.focus(); }

  /** Replace a range as if it had been typed, so that undo takes it back. */
  replace(start, end, text) {
    this.#area.focus({ preventScroll: true });
    this.#area.setSelectionRange(start, end);
    if (start === end && !text) return;
    this.#urgent = true;
    const typed = text.length + end - start < LARGEST_UNDOABLE
      && (text ? document.execCommand("insertText", false, text) : document.execCommand("delete"));
    if (!typed) {
      this.#area.setRangeText(text, start, end, "end");
      this.#area.dispatchEvent(new InputEvent("input", { inputType: "insertReplacementText" }));
    }
  }

  /** Replace everything, undoably, show its beginning, and leave the focus where it was. */
  replaceAll(text) {
    const before = document.activeElement;
    this.replace(0, this.value.length, text);
    this.#area.setSelectionRange(0, 0);
    this.#scroller.scrollTo(0, 0);
    this.#engaged = false; // nobody typed this, so Tab still leaves
    if (before !== this.#area) before?.focus?.({ preventScroll: true });
    if (this.focused && before !== this.#area) this.#area.blur();
  }

  /** Put in the program as the formatter writes it: what differs alone, the caret at the word where it was. */
  reformat(text) {
    const old = this.value;
    const [start, end] = [this.#area.selectionStart, this.#area.selectionEnd];
    let head = 0;
    while (head < old.length && old[head] === text[head]) head += 1;
    let tail = 0;
    const most = Math.min(old.length, text.length) - head;
    while (tail < most && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail += 1;
    const { scrollTop, scrollLeft } = this.#scroller;
    this.replace(head, old.length - tail, text.slice(head, text.length - tail));
    this.#area.setSelectionRange(samePlace(old, start, text), samePlace(old, end, text));
    this.#scroller.scrollTo(scrollLeft, scrollTop);
    this.reveal(this.caretLine);
  }

  /** Make edits given by lines and columns, as one that undo takes back at once. */
  edit(edits) {
    const text = this.value;
    const placed = edits.map((edit) => ({
      start: offsetAt(text, edit.line, edit.column),
      end: offsetAt(text, edit.end_line, edit.end_column),
      text: edit.text,
    }));
    // The last one first, so that the places of the others hold.
    placed.sort((a, b) => b.start - a.start || b.end - a.end);
    const start = placed.at(-1).start;
    const end = Math.max(...placed.map((edit) => edit.end));
    let piece = text.slice(start, end);
    for (const edit of placed) {
      piece = piece.slice(0, edit.start - start) + edit.text + piece.slice(edit.end - start);
    }
    this.replace(start, end, piece);
  }

  goto(line, column = 1) {
    const offset = offsetAt(this.value, line, column);
    this.#area.focus({ preventScroll: true });
    this.#area.setSelectionRange(offset, offset);
    this.reveal(line);
    this.#moved();
  }

  reveal(line) {
    const top = (line - 1) * this.#row;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop || top + 3 * this.#row > scrollTop + clientHeight) {
      this.#scroller.scrollTop = Math.max(0, top - clientHeight / 3);
    }
    this.#scroller.scrollLeft = 0;
  }

  /** Show what an analysis says of the text it was made from: underlines and the words after lines. */
  annotate(diagnostics, ghosts) {
    const marks = new Map();
    for (const each of diagnostics) {
      for (let line = each.line; line <= Math.min(each.end_line, each.line + 50); line += 1) {
        const text = this.#lines[line - 1] ?? "";
        const start = line === each.line ? columnIndex(text, each.column) : 0;
        const end = line === each.end_line ? columnIndex(text, each.end_column) : text.length;
        const shown = end > start ? { start, end } : { start: Math.max(0, start - 1), end: start + 1 };
        if (!marks.has(line)) marks.set(line, []);
        marks.get(line).push({ ...shown, name: `mark-${each.severity}` });
      }
    }
    this.#rows.forEach((row, index) => {
      const ghost = ghosts[index + 1];
      if (ghost === row.ghost) return;
      row.ghost = ghost;
      if (ghost) row.dataset.ghost = ghost; else delete row.dataset.ghost;
    });
    const old = this.#marked;
    this.#marked = new Set();
    for (const [line, found] of marks) {
      const row = this.#rows[line - 1];
      if (!row) continue;
      this.#marked.add(row);
      this.#mark(row, found);
    }
    for (const row of old) if (!this.#marked.has(row)) this.#mark(row, []);
  }

  /** Light up lines, the ones that go with what is pointed at elsewhere. */
  link(lines) {
    for (const row of this.#linked) row.classList.remove("linked");
    this.#linked = lines.flatMap((line) => this.#rows[line - 1] ?? []);
    for (const row of this.#linked) row.classList.add("linked");
  }

  #emit(name, detail = {}) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  #changed(event) {
    this.#engaged = true;
    this.#repaint();
    this.#moved();
    const urgent = this.#urgent || ["insertFromPaste", "insertLineBreak", "insertFromDrop"].includes(event.inputType);
    this.#urgent = false;
    this.#emit("edit", { urgent });
  }

  /** Paint the lines that changed; the others keep their elements, and with them their marks and words. */
  #repaint() {
    const lines = this.value.split("\n");
    const old = this.#lines;
    let head = 0;
    while (head < lines.length && head < old.length && lines[head] === old[head]) head += 1;
    let tail = 0;
    const most = Math.min(lines.length, old.length) - head;
    while (tail < most && lines[lines.length - 1 - tail] === old[old.length - 1 - tail]) tail += 1;
    const before = this.#rows.slice(head, old.length - tail);
    const after = this.#rows.slice(old.length - tail);
    // An element that comes or goes has every line after it numbered again, so those that are there are written anew.
    const fresh = lines.slice(head, lines.length - tail).map((line, index) => this.#line(line, before[index]));
    for (const row of before.slice(fresh.length)) row.remove();
    for (const row of fresh.slice(before.length)) this.#paint.insertBefore(row, after[0] ?? null);
    this.#rows = [...this.#rows.slice(0, head), ...fresh, ...after];
    this.#lines = lines;
    this.#measure();
  }

  /** Tell the style sheet how much room the text takes; its width in steps, as every line is laid out in another. */
  #measure() {
    const widest = this.#rows.reduce((most, row) => Math.max(most, row.columns), 0);
    const size = { "--lines": this.#rows.length, "--columns": Math.ceil((widest + 1) / 8) * 8 };
    for (const [name, number] of Object.entries(size)) {
      if (this.#size[name] !== number) this.#paint.parentElement.style.setProperty(name, number);
    }
    this.#size = size;
  }

  #line(text, row = document.createElement("div")) {
    row.classList.remove("has-error");
    delete row.dataset.ghost;
    row.ghost = undefined;
    row.tokens = neuralTokens(text);
    row.columns = columns(text);
    row.marks = row.brackets = [];
    draw(row, row.tokens);
    return row;
  }

  #mark(row, marks) {
    if (!marks.length && !row.marks.length) return;
    row.marks = marks;
    row.classList.toggle("has-error", marks.some((mark) => mark.name === "mark-error"));
    draw(row, row.tokens, [...row.marks, ...row.brackets]);
  }

  #moved() {
    const line = this.caretLine;
    this.#caret?.classList.remove("caret");
    this.#caret = this.#rows[line - 1];
    this.#caret?.classList.add("caret");
    this.#matchBrackets();
    this.#emit("caret", { line });
  }

  #hover(event) {
    const line = Math.floor((event.offsetY - parseFloat(getComputedStyle(this.#area).paddingTop)) / this.#row) + 1;
    this.#emit("hover", { line });
  }

  #matchBrackets() {
    for (const row of this.#brackets) {
      row.brackets = [];
      draw(row, row.tokens, row.marks);
    }
    const found = this.#area.selectionStart === this.#area.selectionEnd ? this.#pair() : [];
    for (const { row, start } of found) row.brackets = [...row.brackets, { start, end: start + 1, name: "bracket" }];
    this.#brackets = [...new Set(found.map(({ row }) => row))];
    for (const row of this.#brackets) draw(row, row.tokens, [...row.marks, ...row.brackets]);
  }

  #pair() {
    const line = this.caretLine;
    const rows = this.#rows;
    const before = this.value.lastIndexOf("\n", this.#area.selectionStart - 1);
    const column = this.#area.selectionStart - before - 1;
    const places = (row) => row.tokens.filter((token) => token.kind === "" && PAIRS[token.text]);
    const at = places(rows[line - 1]).find((token) => token.start === column - 1 || token.start === column);
    if (!at) return [];
    const step = "([{".includes(at.text) ? 1 : -1;
    let depth = 0;
    for (let index = line - 1; rows[index] && Math.abs(index - line) < 2000; index += step) {
      const found = places(rows[index]);
      if (step < 0) found.reverse();
      for (const token of found) {
        if (index === line - 1 && (token.start - at.start) * step < 0) continue;
        if (token.text === at.text) depth += 1;
        if (token.text === PAIRS[at.text]) depth -= 1;
        if (depth === 0) return [{ row: rows[line - 1], start: at.start }, { row: rows[index], start: token.start }];
      }
    }
    return [];
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.#engaged = false;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" && this.#engaged) {
      event.preventDefault();
      this.#indent(event.shiftKey);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#newline();
    }
  }

  #newline() {
    const { selectionStart: start, selectionEnd: end } = this.#area;
    const line = this.value.slice(this.value.lastIndexOf("\n", start - 1) + 1, start);
    const deeper = /[{:(]\s*(#.*)?$/.test(line) ? INDENT : "";
    this.replace(start, end, `\n${line.match(/^\s*/)[0]}${deeper}`);
    this.#keepInView();
  }

  #keepInView() {
    const bottom = this.caretLine * this.#row + 30;
    const { scrollTop, clientHeight } = this.#scroller;
    if (bottom > scrollTop + clientHeight) this.#scroller.scrollTop = bottom - clientHeight;
  }

  #indent(outward) {
    const { selectionStart: start, selectionEnd: end, value } = this.#area;
    if (start === end && !outward) {
      this.replace(start, end, INDENT);
      return;
    }
    const from = value.lastIndexOf("\n", start - 1) + 1;
    const old = value.slice(from, end);
    const text = outward ? old.replace(/^ {1,4}/gm, "") : old.replace(/^(?=.)/gm, INDENT);
    if (text === old) return;
    this.replace(from, end, text);
    if (start !== end) this.#area.setSelectionRange(from, from + text.length);
  }
}
