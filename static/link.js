// One key a layer: what is pointed at in one place lights up in all others.

import { lightCode } from "./code.js";

let rows = [];

/** Read the layers of the table again after an answer. */
export function readLayers() {
  rows = [...document.querySelectorAll("#table tr[data-key]")].map((row) => ({
    key: row.dataset.key,
    line: Number(row.dataset.line),
    end: Number(row.dataset.endLine),
    row,
  }));
}

const layersAt = (line) => rows.filter((layer) => layer.line <= line && line <= layer.end);

/** The keys of the layers that a line of the editor makes. */
export const keysAt = (line) => layersAt(line).map((layer) => layer.key);

/** Make a function that lights up layers in the table, the diagram, the charts and the code. */
export function linker(editor, charts) {
  let now = { keys: new Set(), lines: [] };
  const paint = () => {
    for (const old of document.querySelectorAll("#table .linked, #diagram .linked")) {
      old.classList.remove("linked");
    }
    for (const layer of rows) if (now.keys.has(layer.key)) layer.row.classList.add("linked");
    for (const node of document.querySelectorAll("#diagram [data-key]")) {
      if (now.keys.has(node.dataset.key)) node.classList.add("linked");
    }
    lightCode(now.keys);
    charts.link(now.keys);
    editor.link(now.lines);
  };
  const light = (layers, lines) => {
    const keys = new Set(layers.map((layer) => layer.key));
    const same = keys.size === now.keys.size && [...keys].every((key) => now.keys.has(key));
    if (same && String(lines) === String(now.lines)) return;
    now = { keys, lines };
    paint();
  };
  return {
    /** From the editor: a line, whose own line needs no light. */
    line: (line) => light(line ? layersAt(line) : [], []),
    /** From elsewhere: keys. */
    keys: (keys) => {
      const pointed = new Set(keys);
      const layers = rows.filter((layer) => pointed.has(layer.key));
      light(layers, [...new Set(layers.map((layer) => layer.line))]);
    },
    /** Once more, on what has been drawn since. */
    again: paint,
  };
}
