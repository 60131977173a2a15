// The gallery: a menu of networks with a filter, walked with the arrow keys. A word that names no network of a family
// finds all of it where the family's description holds it.

export function setUpGallery(menu, open) {
  const filter = document.getElementById("examples-filter");
  const links = [...menu.querySelectorAll("[data-example]")];
  const families = Map.groupBy(links, (link) => link.closest(".menu-family") ?? link);
  const shown = () => links.filter((link) => !link.hidden);

  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => wanted.every((word) => text.toLowerCase().includes(word));
    for (const [family, networks] of families) {
      const named = networks.filter((link) => has(`${link.dataset.example} ${link.textContent}`));
      const found = named.length || !has(family.textContent) ? named : networks;
      for (const link of networks) link.hidden = !found.includes(link);
      family.hidden = !found.length;
    }
    document.getElementById("examples-empty").hidden = shown().length > 0;
  });

  menu.addEventListener("toggle", () => {
    // A touch screen would cover the list with its keyboard.
    if (menu.open && matchMedia("(pointer: fine)").matches) filter.focus();
  });

  menu.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === filter) shown()[0]?.click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
  });

  function step(event) {
    const places = [filter, ...shown()];
    const at = places.indexOf(document.activeElement);
    if (!menu.open || at < 0) return;
    event.preventDefault();
    places[Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), places.length - 1)].focus();
  }

  menu.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-example]");
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(chosen);
  });
}
