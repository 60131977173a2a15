// Light and dark: the system's choice first, then the person's.

const KEY = "neural:theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Set up the switch; `onChange` is called when the colours have changed. */
export function setUpTheme(button, onChange) {
  const root = document.documentElement;
  button.addEventListener("click", () => {
    const isDark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && dark.matches);
    const next = isDark ? "light" : "dark";
    const system = dark.matches ? "dark" : "light";
    root.dataset.theme = next === system ? "system" : next;
    try {
      if (next === system) localStorage.removeItem(KEY); else localStorage.setItem(KEY, next);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    onChange();
  });
  dark.addEventListener("change", onChange);
}
