// Menus that open by themselves, with or without scripts: here they close when a person is done with them.

const open = () => document.querySelectorAll("details.menu[open]");

export function setUpMenus() {
  document.addEventListener("pointerdown", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest(".menu-list :is(a, button)")) event.target.closest("details.menu").open = false;
  });
}
