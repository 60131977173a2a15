// Verification belongs to one text: an edit away from it dims the verdict, and back again undims it.

import { notice } from "./analysis.js";

export function setUpVerification(editor, analysis) {
  const button = document.getElementById("verify");
  if (!button) return; // a server without frameworks
  const line = document.querySelector(".verification");
  let verified = editor.value;
  const compare = () => {
    line.dataset.stale = String(editor.value !== verified);
    document.getElementById("verification-stale").hidden = editor.value === verified;
  };
  button.addEventListener("click", () => { verified = editor.value; compare(); });
  button.addEventListener("htmx:error", () => notice("The server does not answer, so nothing is verified yet."));
  editor.addEventListener("edit", compare);
  analysis.addEventListener("answer", ({ detail }) => { button.disabled = !detail.valid; });
}
