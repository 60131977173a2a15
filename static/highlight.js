// Words and their kinds, a line at a time: nothing in either language but Python's long strings spans lines.

const NEURAL = [
  ["comment", /#.*/y],
  ["string", /"[^"\n]*"?|'[^'\n]*'?/y],
  ["constant", /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\b|\b(?:true|false|none)\b/iy],
  ["keyword", /\b(?:network|define|research|let|for|in|input|layers|output|loss|optimizer|metrics|train|execution|execute|if|else)\b(?!\s*=)/y],
  ["argument", /[A-Za-z_]\w*(?=\s*[=:])/y],
  ["type", /[A-Za-z_]\w*(?=\s*\()|\b[A-Z]\w*/y],
  ["", /[A-Za-z_]\w*|\s+|[^\s\w]/y],
];

const PYTHON = [
  ["comment", /#.*/y],
  ["string", /"""(?:[^"]|"(?!""))*(?:""")?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/y],
  ["constant", /\b(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|True|False|None)\b/y],
  ["keyword", /\b(?:and|as|assert|class|def|elif|else|for|from|if|import|in|is|lambda|not|or|return|self|super|while|with|yield)\b/y],
  ["type", /\b[A-Z]\w*/y],
  ["argument", /[A-Za-z_]\w*(?=\s*=[^=])/y],
  ["", /[A-Za-z_]\w*|\s+|[^\s\w]/y],
];

function tokens(line, rules) {
  const found = [];
  let at = 0;
  while (at < line.length) {
    const start = at;
    for (const [kind, pattern] of rules) {
      pattern.lastIndex = at;
      const match = pattern.exec(line);
      if (!match || !match[0]) continue;
      found.push({ start, text: match[0], kind });
      at += match[0].length;
      break;
    }
    if (at === start) {
      found.push({ start, text: line[at], kind: "" });
      at += 1;
    }
  }
  return found;
}

export const neuralTokens = (line) => tokens(line, NEURAL);

/** Lines of Python as tokens; a line inside a docstring is one string. */
export function pythonLines(code) {
  let inside = false;
  return code.split("\n").map((line) => {
    const quotes = line.split('"""').length - 1;
    const wasInside = inside;
    if (quotes % 2 === 1) inside = !inside;
    return wasInside ? [{ start: 0, text: line, kind: "string" }] : tokens(line, PYTHON);
  });
}

/** Draw tokens into an element. `marks` are {start, end, name} ranges whose names become classes. */
export function draw(element, found, marks = []) {
  const edges = marks.flatMap((mark) => [mark.start, mark.end]);
  element.replaceChildren();
  for (const token of found) {
    const end = token.start + token.text.length;
    const cuts = [token.start, ...edges.filter((edge) => edge > token.start && edge < end).sort((a, b) => a - b), end];
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      const names = marks.filter((mark) => mark.start <= cuts[i] && mark.end >= cuts[i + 1]).map((mark) => mark.name);
      const text = token.text.slice(cuts[i] - token.start, cuts[i + 1] - token.start);
      element.append(piece(text, [token.kind, ...names].filter(Boolean)));
    }
  }
}

function piece(text, names) {
  if (!names.length) return document.createTextNode(text);
  const span = document.createElement("span");
  span.className = names.join(" ");
  span.textContent = text;
  return span;
}
