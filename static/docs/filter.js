// The filter of the index: shows the layers whose name, family, other spellings or sentence hold every word.

const field = document.getElementById("filter");
const found = document.getElementById("found");
const items = [...document.querySelectorAll(".family li")].map((item) => ({
  item,
  words: `${item.dataset.words} ${item.textContent}`.toLowerCase(),
}));

function filter() {
  const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { item, words } of items) item.hidden = !wanted.every((word) => words.includes(word));
  for (const family of document.querySelectorAll(".family")) family.hidden = !family.querySelector("li:not([hidden])");
  const shown = items.filter(({ item }) => !item.hidden).length;
  found.textContent = wanted.length ? `${shown} of ${items.length}` : "";
}

field.addEventListener("input", filter);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  document.querySelector(".family li:not([hidden]) a")?.click();
});
filter();
document.documentElement.dataset.ready = "true";
