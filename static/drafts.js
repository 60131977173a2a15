// Drafts: what was typed survives a closed tab, and opening a link destroys none of it.

const KEY = "neural:drafts";
const KEPT = 5;
const DELAY = 500;

function read(storage) {
  try {
    const drafts = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(drafts) ? drafts.filter((draft) => typeof draft?.source === "string") : [];
  } catch {
    return [];
  }
}

function write(storage, drafts) {
  try {
    storage.setItem(KEY, JSON.stringify(drafts));
  } catch {
    // A full or forbidden storage leaves the editor as good as it was.
  }
}

const here = () => location.pathname + location.search + location.hash;

/** Keep drafts of the editor; offer the last one of another visit. Returns whether this tab's own was put back. */
export function setUpDrafts(editor, put) {
  const given = editor.value;
  const identifier = crypto.randomUUID?.() ?? String(Math.random());
  let timer = 0;
  const save = () => {
    timer = 0;
    const draft = { identifier, source: editor.value, at: Date.now(), address: here() };
    const others = read(localStorage).filter((each) => each.identifier !== identifier && each.source !== draft.source);
    write(localStorage, editor.value === given ? others : [draft, ...others].slice(0, KEPT));
    write(sessionStorage, [draft]);
  };
  editor.addEventListener("edit", () => { if (!timer) timer = setTimeout(save, DELAY); });
  addEventListener("pagehide", () => { if (timer) { clearTimeout(timer); save(); } });

  const own = read(sessionStorage)[0];
  if (own && own.address === here() && own.source !== given) {
    put(own.source);
    return true;
  }
  offer(read(localStorage)[0], given, put);
  return false;
}

function offer(draft, given, put) {
  if (!draft || draft.source === given || !draft.source.trim()) return;
  const line = document.getElementById("draft");
  document.getElementById("draft-words").textContent = `You have an unfinished draft from ${ago(draft.at)}.`;
  line.hidden = false;
  document.getElementById("draft-restore").onclick = () => { line.hidden = true; put(draft.source); };
  document.getElementById("draft-dismiss").onclick = () => {
    line.hidden = true;
    write(localStorage, read(localStorage).filter((each) => each.source !== draft.source));
  };
}

function ago(time) {
  const minutes = Math.round((Date.now() - time) / 60000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 1) return "just now";
  if (minutes < 60) return words.format(-minutes, "minute");
  return minutes < 1440 ? words.format(-Math.round(minutes / 60), "hour") : words.format(-Math.round(minutes / 1440), "day");
}
