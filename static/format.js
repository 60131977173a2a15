// Formatting: the server lays the program out, the editor takes it as one edit.

import { notice } from "./analysis.js";
import { flash } from "./share.js";

/** Set up the Format button and return what it does, for its key. */
export function setUpFormat(editor) {
  const button = document.getElementById("format");
  const format = async () => {
    const source = editor.value;
    try {
      const formatted = await ask(source);
      if (editor.value !== source) return; // typed on meanwhile
      if (formatted !== source) editor.reformat(formatted);
      flash(button, "Formatted");
    } catch (error) {
      notice(error.message);
    }
  };
  button.addEventListener("click", (event) => {
    event.preventDefault();
    format();
  });
  return format;
}

async function ask(source) {
  let response;
  try {
    response = await fetch("/api/v1/format", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ source }),
    });
  } catch {
    throw new Error("The server does not answer. Your text is as it was.");
  }
  const answer = await response.json();
  if (response.status === 422) throw new Error(`Only a program without syntax errors can be formatted. ${answer.detail}`);
  if (!response.ok) throw new Error(answer.detail ?? "The server could not format the program.");
  return answer.source;
}
