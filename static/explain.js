// Where a number comes from: a press on it asks once and opens a dialog. Nothing is asked while a person types.

import { notice } from "./analysis.js";

export function setUpExplanations(form) {
  const dialog = document.getElementById("explanation");
  document.addEventListener("click", async (event) => {
    if (event.target === dialog) dialog.close(); // beside it
    const button = event.target.closest(".why");
    if (!button) return;
    event.preventDefault();
    const body = new FormData(form, button);
    try {
      const response = await fetch("/explain", { method: "POST", body, headers: { "HX-Request": "true" } });
      if (!response.ok) throw new Error(response.statusText);
      dialog.innerHTML = await response.text(); // ours, every text in it escaped
      dialog.close();
      dialog.showModal();
    } catch {
      notice("The explanation could not be fetched.");
    }
  });
}
