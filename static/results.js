// The right side: tabs, and folding groups.

const TABS = ["table", "charts", "diagram", "code", "search"];
const folded = new Set();
let shown = "table";

const panel = (name) => document.getElementById(`panel-${name}`);
const tab = (name) => document.getElementById(`tab-${name}`);

/** Show one tab. `onShow` draws what is drawn only when it is looked at. */
export function show(name, onShow) {
  shown = name;
  for (const each of TABS) {
    panel(each).hidden = each !== name;
    tab(each).setAttribute("aria-selected", String(each === name));
    tab(each).tabIndex = each === name ? 0 : -1;
  }
  onShow(name);
}

export const shownTab = () => shown;

export function setUpTabs(onShow) {
  for (const name of TABS) tab(name).addEventListener("click", () => show(name, onShow));
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step ? TABS[(TABS.indexOf(shown) + step + TABS.length) % TABS.length]
      : { Home: TABS[0], End: TABS.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    show(next, onShow);
    tab(next).focus();
  });
  show(shown, onShow);
}

/** Fold or unfold a group and remember it over the next answers. */
export function toggleGroup(button) {
  const { group } = button.closest("tr").dataset;
  if (!folded.delete(group)) folded.add(group);
  applyFolds();
}

/** Fold every group, or unfold them all where none is left to fold. */
export function toggleAll() {
  const groups = [...document.querySelectorAll("#table tr[data-group]")].map((row) => row.dataset.group);
  if (groups.every((group) => folded.has(group))) folded.clear();
  else for (const group of groups) folded.add(group);
  applyFolds();
}

/** Fold again after an answer what is to be folded: nothing is, in rows that have just been written. */
export function keepFolds(rows) {
  if (!rows || (rows.length && folded.size)) applyFolds();
}

function applyFolds() {
  let open = false;
  const closed = new Set(); // groups whose rows are not seen; a head comes before the rows of its group
  for (const row of document.querySelectorAll("#table tr[data-within]")) {
    const { group, within } = row.dataset;
    row.classList.toggle("folded", closed.has(within));
    if (!group) continue;
    if (folded.has(group) || closed.has(within)) closed.add(group);
    row.querySelector(".fold").setAttribute("aria-expanded", String(!folded.has(group)));
    open ||= !folded.has(group);
  }
  const all = document.querySelector("#table .fold-all");
  if (all) all.textContent = open ? "fold all" : "unfold all";
}
