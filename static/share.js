// Links: one that carries the model after the # sign, and one that stores it.

import { notice } from "./analysis.js";

const LARGEST_SOURCE = 256 * 1024;
const LONG_LINK = 2000;

async function through(bytes, stream) {
  return new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();
}

async function pack(source) {
  const bytes = new Uint8Array(await through(new TextEncoder().encode(source), new CompressionStream("deflate-raw")));
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return `1.${btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
}

async function unpack(payload) {
  if (!/^1\.[\w-]+$/.test(payload)) throw new Error("it does not hold a model");
  const binary = atob(payload.slice(2).replace(/-/g, "+").replace(/_/g, "/"));
  const stream = new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))]).stream();
  const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > LARGEST_SOURCE) { reader.cancel(); throw new Error("it is too large"); }
    parts.push(next.value);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(parts).arrayBuffer());
}

/** The model in this address after the # sign, as {source, settings}, or null. */
export async function fromAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has("z")) return null;
  try {
    const source = await unpack(fragment.get("z"));
    fragment.delete("z");
    return { source: source.replace(/\r\n?/g, "\n"), settings: Object.fromEntries(fragment) };
  } catch {
    notice("The link in the address is damaged, so its model cannot be opened.");
    return null;
  }
}

/** Set up the Share button and its panel. */
export function setUpShare(editor, form, settings) {
  const element = (id) => document.getElementById(id);
  const [panel, field, note] = [element("share-panel"), element("share-link"), element("share-note")];
  const [button, state] = [element("share"), element("share-state")];
  let sharedSource = field.value ? editor.value : null;

  const longLink = async () => {
    const query = new URLSearchParams({ z: await pack(editor.value), ...settings() });
    return `${location.origin}/#${query}`;
  };
  const open = async () => {
    panel.dataset.open = "";
    button.setAttribute("aria-expanded", "true");
    const link = await longLink();
    if (!field.value || sharedSource !== editor.value) field.value = link;
    document.querySelector(".share-choices").dataset.first = link.length > LONG_LINK ? "short" : "long";
    say(link.length > LONG_LINK ? "The link that stores nothing is long; the short one fits anywhere." : "");
    element(link.length > LONG_LINK ? "share-short" : "share-long").focus();
  };
  const close = () => { delete panel.dataset.open; button.setAttribute("aria-expanded", "false"); };
  const say = (text) => { note.textContent = text; };

  const finish = async (choice, link, path) => {
    field.value = link;
    sharedSource = editor.value;
    state.hidden = true;
    history.replaceState(null, "", path);
    flash(choice, await copied(field) ? "Copied" : "Failed: copy it below");
  };
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if ("open" in panel.dataset) close(); else open();
  });
  element("share-long").addEventListener("click", async (event) => {
    const choice = event.currentTarget;
    const link = await longLink();
    await finish(choice, link, link);
  });
  element("share-short").addEventListener("click", async (event) => {
    const choice = event.currentTarget;
    try {
      const stored = await store(form);
      await finish(choice, new URL(stored.path, location.origin).href, stored.path);
      say("Stored. Anyone with this link can see the model.");
    } catch (error) {
      flash(choice, "Failed");
      say(error.message);
    }
  });
  field.addEventListener("focus", () => field.select());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && "open" in panel.dataset) { close(); button.focus(); }
  });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".menu")) close(); });
  editor.addEventListener("edit", () => {
    state.hidden = sharedSource === null || sharedSource === editor.value;
  });
  return { open };
}

async function store(form) {
  const response = await fetch("/models", { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? "The server could not store the model.");
  return answer;
}

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}

/** Show a word in a button's place for a second and a half. */
export function flash(button, word) {
  if (button.dataset.busy) return;
  const old = [...button.childNodes];
  button.dataset.busy = "1";
  button.replaceChildren(word);
  setTimeout(() => { button.replaceChildren(...old); delete button.dataset.busy; }, 1500);
}
