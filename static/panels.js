// What stands behind the tabs beside the table. An answer to an edit holds the one that is shown; another is fetched when
// it is looked at. What is of an earlier text is dimmed: while it is fetched, and as long as a program has errors.

const KEPT = ["charts", "diagram", "code"]; // of the last analysis without errors; the search space is of the last one

export class Panels {
  #charts; #onChange; #held = { charts: "", diagram: "", code: "", search: "" }; #fetched = {};
  #good = null; #latest = null; #isFirst = true;

  /** `onChange` is told the name of a tab whose contents have been fetched. */
  constructor(charts, onChange) {
    [this.#charts, this.#onChange] = [charts, onChange];
  }

  /** The token of the analysis that stands behind a tab. */
  held(name) { return this.#held[name] ?? ""; }

  /** Take an answer, with what it holds of the tab that is shown. */
  answer({ token, revision, valid, panel, body }, shown) {
    this.#latest = { token, revision, valid, body };
    if (valid) this.#good = this.#latest;
    if (this.#isFirst) for (const name of valid ? ["diagram", "code", "search"] : ["search"]) this.#held[name] = token;
    this.#isFirst = false;
    if (panel && (panel !== "charts" || this.#held.charts === token || this.#takeFigure())) this.#held[panel] = token;
    if (!this.#good) this.#charts.miss();
    for (const name of KEPT) this.#mark(name);
    this.want(shown);
  }

  /** Fetch what stands behind a tab where it is of an earlier text. */
  async want(name) {
    const wanted = this.#wanted(name);
    if (!wanted || this.#held[name] === wanted.token || this.#fetched[name] === wanted.token) return;
    this.#fetched[name] = wanted.token;
    try {
      const text = await this.#fetch(name, wanted.body);
      if (this.#wanted(name).token !== wanted.token || this.#held[name] === wanted.token) return; // too late
      await window.htmx.swap({ text, swap: "none", sourceElement: panelOf(name) });
      if (name === "charts") this.#takeFigure();
      this.#held[name] = wanted.token;
      this.#mark(name);
      this.#onChange(name);
    } catch {
      this.#note(name, "This is of an earlier text, and the server does not answer. The table is current.");
    } finally {
      if (this.#fetched[name] === wanted.token) delete this.#fetched[name];
    }
  }

  #wanted(name) { return KEPT.includes(name) ? this.#good : name === "search" ? this.#latest : null; }

  async #fetch(name, body) {
    const response = await fetch(`/panels/${name}`, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(response.statusText);
    return response.text();
  }

  /** Give the charts the figure that came; not where it holds what has changed of another than they have. */
  #takeFigure() {
    const place = document.getElementById("figure");
    const figure = JSON.parse(place.textContent);
    place.replaceChildren();
    if (figure.base && figure.base !== this.#held.charts) {
      this.#held.charts = "";
      return false;
    }
    this.#charts.update(figure);
    return true;
  }

  /** Dim what is not of the text as it was last analysed; that of the last text without errors says so. */
  #mark(name) {
    const { dataset } = panelOf(name);
    const isOld = this.#held[name] !== this.#good?.token;
    dataset.stale = String(this.#good !== null && (isOld || !this.#latest.valid));
    dataset.revision = this.#good?.revision ?? "";
    const words = `From revision ${this.#good?.revision}, the last without errors. The table is current.`;
    this.#note(name, this.#good && !this.#latest.valid && !isOld ? words : "");
  }

  #note(name, words) {
    const note = panelOf(name).querySelector(".stale-note");
    if (!note) return;
    note.hidden = !words;
    note.textContent = words;
  }
}

const panelOf = (name) => document.getElementById(`panel-${name}`);
