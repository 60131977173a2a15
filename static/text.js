// Places in a text: diagnostics count lines and code points from 1, a textarea counts UTF-16 units from 0.

/** The UTF-16 index in `line` of a 1-based code-point column. */
export function columnIndex(line, column) {
  let index = 0;
  for (let left = column - 1; left > 0 && index < line.length; left -= 1) {
    index += line.codePointAt(index) > 0xffff ? 2 : 1;
  }
  return index;
}

/** How many columns a line takes at most: a tab four, and what may be wide two. */
export function columns(line) {
  return /^[ -~]*$/.test(line) ? line.length : [...line].reduce((sum, letter) => sum + (letter === "\t" ? 4 : letter > "~" ? 2 : 1), 0);
}

/** The offset in `text` of a 1-based line and column. */
export function offsetAt(text, line, column) {
  let start = 0;
  for (let left = line - 1; left > 0; left -= 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return start + columnIndex(text.slice(start, end < 0 ? undefined : end), column);
}

const FREE = /[\s;,"']/; // what formatting adds, drops or changes

/** The offset in `after`, a formatted `before`, of the place in a word that `offset` is in `before`. */
export function samePlace(before, offset, after) {
  let left = 0;
  for (let i = 0; i < offset; i += 1) if (!FREE.test(before[i])) left += 1;
  const atWord = offset < before.length && !FREE.test(before[offset]);
  let at = 0;
  while (at < after.length && left > 0) {
    if (!FREE.test(after[at])) left -= 1;
    at += 1;
  }
  while (atWord && at < after.length && FREE.test(after[at])) at += 1;
  return at;
}

/** The 1-based line of an offset. */
export function lineAt(text, offset) {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
