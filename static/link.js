// One key a layer: what is pointed at in one place lights up in all others.

import { lightCode } from "./code.js";
import { shownTab } from "./results.js";

let rows = []; // of the table, without those of inputs: what they say, and their elements
let byKey = new Map();

/** Read the rows of the table again after an answer: those of these numbers, or all. */
export function readLayers(changed) {
  if (changed?.every((index) => rows[index].row.isConnected)) for (const index of changed) read(rows[index]);
  else rows = Array.from(document.querySelectorAll("#table tbody > :not(.input)"), (row) => read({ row }));
  byKey = new Map(rows.map((layer) => [layer.key, layer]));
}

function read(layer) {
  const { key, line, endLine } = layer.row.dataset;
  return Object.assign(layer, { key, line: Number(line), end: Number(endLine) }); // a group has none of them
}

/** Write the shares of rows that are else as they were. */
export function writeShares(shares) {
  for (const [index, length, percent] of shares) {
    const cell = rows[index].row.lastElementChild;
    cell.querySelector("rect").setAttribute("width", length);
    cell.lastChild.data = ` ${percent}`;
  }
}

const layersAt = (line) => rows.filter((layer) => layer.line <= line && line <= layer.end);

/** The keys of the layers that a line of the editor makes. */
export const keysAt = (line) => layersAt(line).map((layer) => layer.key);

const nodesOf = (keys) => [...document.querySelectorAll("#diagram [data-key]")].filter((node) => keys.has(node.dataset.key));

/** Make a function that lights up layers in the table, the diagram, the charts and the code. */
export function linker(editor, charts) {
  let now = { keys: new Set(), lines: [] };
  let lit = [];
  const paint = () => {
    for (const old of lit) old.classList.remove("linked");
    lit = [...now.keys].flatMap((key) => byKey.get(key)?.row ?? []);
    if (shownTab() === "diagram") lit.push(...nodesOf(now.keys));
    for (const place of lit) place.classList.add("linked");
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
      const layers = keys.flatMap((key) => byKey.get(key) ?? []);
      light(layers, [...new Set(layers.map((layer) => layer.line))]);
    },
    /** Once more, on what has been drawn since. */
    again: paint,
  };
}
