// Colours the programs and the code of a page.

import { draw, neuralTokens, pythonLines } from "../highlight.js";

for (const code of document.querySelectorAll("code[data-language]")) {
  const text = code.textContent;
  const lines = code.dataset.language === "python" ? pythonLines(text) : text.split("\n").map(neuralTokens);
  code.replaceChildren(
    ...lines.flatMap((tokens, index) => {
      const line = document.createElement("span");
      draw(line, tokens);
      return index ? ["\n", line] : [line];
    }),
  );
}
document.documentElement.dataset.ready = "true";
