// The keyboard: every shortcut of the page, listed by `?`.

const TABS = ["table", "charts", "diagram", "code", "search"];
const DIGITS = ["Digit1", "Digit2", "Digit3", "Digit4", "Digit5"]; // Alt with a digit types another character on some keyboards

export function setUpKeys({ analysis, share, format, goto, showTab }) {
  const help = document.getElementById("help");
  document.getElementById("keys").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "Enter") analysis.flush(true);
    else if (command && event.key.toLowerCase() === "s" && !event.shiftKey) share.open();
    else if (command && event.shiftKey && event.key.toLowerCase() === "f") format();
    else if (event.key === "F8") nextProblem(event.shiftKey ? -1 : 1, goto);
    else if (event.altKey && !command && TABS[DIGITS.indexOf(event.code)]) showTab(TABS[DIGITS.indexOf(event.code)]);
    else if (event.key === "?" && !typing(event.target) && !command) help.showModal();
    else return;
    event.preventDefault();
  });
}

const typing = (target) => target.matches("textarea, select, input");

function nextProblem(step, goto) {
  const items = [...document.querySelectorAll("#diagnostics li")];
  if (!items.length) return;
  const current = items.findIndex((item) => item.hasAttribute("data-current"));
  const next = current < 0 && step < 0 ? items.length - 1 : (current + step + items.length) % items.length;
  items[current]?.removeAttribute("data-current");
  items[next].setAttribute("data-current", "");
  items[next].scrollIntoView({ block: "nearest" });
  goto(Number(items[next].dataset.line), Number(items[next].dataset.column));
}
