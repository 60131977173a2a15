// When the server is asked, and which of its answers count: one POST a pause, the newest wins. An answer may hold only
// what differs from an earlier one, whose token the page sends; it is never put into a page that holds another.

const LONGEST_PAUSE = 250;
const SHORTEST_PAUSE = 50;
const QUICK = 400; // what is answered within this shows no sign of work

export class Analysis extends EventTarget {
  #form; #revision; #applied; #timer = 0; #sent = new Map(); #roundTrip = LONGEST_PAUSE;
  #held = { token: "", ghosts: {}, diagnostics: [] }; #looked;

  /** `looked` tells which tab is shown, and the token of what it shows. */
  constructor(form, looked) {
    super();
    [this.#form, this.#looked] = [form, looked];
    this.#revision = this.#applied = Number(form.elements.revision.value);
    form.addEventListener("htmx:before:swap", (event) => this.#admit(event));
    form.addEventListener("htmx:after:swap", (event) => this.#answered(event));
    const working = document.getElementById("working");
    let [waiting, asked] = [0, 0];
    form.addEventListener("htmx:before:request", () => {
      asked += 1;
      clearTimeout(waiting);
      waiting = setTimeout(() => working.classList.add("slow"), QUICK);
    });
    form.addEventListener("htmx:finally:request", () => {
      asked -= 1;
      if (asked) return; // another question has taken its place
      clearTimeout(waiting);
      working.classList.remove("slow");
    });
    form.addEventListener("htmx:error", () => this.#failed());
    document.getElementById("cancel").addEventListener("click", () => form.dispatchEvent(new Event("htmx:abort")));
  }

  get revision() { return this.#revision; }

  /** The source or a setting changed: ask after a pause, which is shorter where answers come quickly. */
  changed(urgent = false) {
    this.#revision += 1;
    this.#form.elements.revision.value = this.#revision;
    document.getElementById("status").dataset.stale = "true";
    clearTimeout(this.#timer);
    if (urgent) {
      this.#timer = 0;
      this.#ask();
      return;
    }
    this.#timer = setTimeout(() => { this.#timer = 0; this.#ask(); }, this.#pause());
  }

  /** Ask at once for what is waiting; with `always`, even where nothing is. */
  flush(always = false) {
    if (!this.#timer && !always) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#ask();
  }

  /** What the page says of the analysis it came with. */
  first() { this.#announce(0, new FormData(this.#form)); }

  #pause() { return Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, 2 * this.#roundTrip)); }

  #ask() {
    if (!this.#form.elements.batch.checkValidity()) {
      notice(`Batch must be a whole number from 1 to ${Number(this.#form.elements.batch.max).toLocaleString("en")}.`);
      return;
    }
    this.#sent.set(this.#revision, performance.now());
    const { shown, panel } = this.#looked();
    const { elements } = this.#form;
    [elements.base.value, elements.shown.value, elements.panel.value] = [this.#held.token, shown, panel];
    this.#form.dispatchEvent(new Event("analyze"));
  }

  #admit(event) {
    const { request, response } = event.detail.ctx;
    if (Number(request.body.get("revision")) < this.#applied) event.preventDefault();
    const base = response.headers.get("Changes-To");
    if (event.defaultPrevented || !base || base === this.#held.token) return;
    event.preventDefault();
    this.#held.token = ""; // which asks for everything
    this.#ask();
  }

  #answered(event) {
    const { ctx } = event.detail;
    if (ctx.response.status >= 400) {
      if (!document.getElementById("problem").firstElementChild) this.#failed(); // an answer that is not ours
      return;
    }
    const revision = Number(ctx.request.body.get("revision"));
    const taken = performance.now() - (this.#sent.get(revision) ?? performance.now());
    for (const old of [...this.#sent.keys()]) if (old <= revision) this.#sent.delete(old);
    this.#roundTrip = taken;
    this.#applied = revision;
    this.#announce(taken, ctx.request.body);
  }

  #announce(taken, body) {
    const { base, ghosts, diagnostics, ...data } = JSON.parse(document.getElementById("analysis-data").textContent);
    const held = { token: data.token, ghosts: base ? this.#held.ghosts : {}, diagnostics: diagnostics ?? this.#held.diagnostics };
    for (const [line, words] of Object.entries(ghosts)) {
      if (words === null) delete held.ghosts[line]; else held.ghosts[line] = words;
    }
    this.#held = held;
    const { dataset } = document.getElementById("status");
    const revision = Number(dataset.revision);
    const current = revision === this.#revision;
    if (!current) dataset.stale = "true";
    this.dispatchEvent(new CustomEvent("answer", { detail: { ...data, ...held, revision, current, taken, body } }));
  }

  #failed() {
    notice("The server does not answer. Your text is kept here, and the next edit asks again.");
  }
}

/** Say something above the editor until the next good answer. */
export function notice(text) {
  const line = document.createElement("p");
  line.className = "notice error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  document.getElementById("problem").replaceChildren(line);
}
