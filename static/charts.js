// The cost charts: Plotly, fetched when they are first looked at, in the colours of the page.

let loading = null;

function load(url) {
  if (loading) return loading;
  // Plotly writes its rules into style elements unless it finds these; the page's own style sheet has what it needs.
  for (const id of ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"]) {
    const stand = document.createElement("meta");
    stand.id = id;
    stand.className = "no-inline-styles";
    document.head.append(stand);
  }
  loading = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.nonce = document.querySelector("script[nonce]").nonce;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; script.remove(); reject(new Error("the charts could not be fetched")); };
    document.head.append(script);
  });
  return loading;
}

export class Charts {
  #place; #empty; #figure = null; #dirty = false; #keys = new Set(); #onPoint; #drawn = false;

  constructor(place, empty, onPoint) {
    [this.#place, this.#empty, this.#onPoint] = [place, empty, onPoint];
    new ResizeObserver(() => { if (this.#drawn && place.clientWidth) window.Plotly.Plots.resize(place); }).observe(place);
  }

  /** Take a figure, or what has changed of the one that is here. */
  update({ data, layout, bars = {} }) {
    if (data) this.#figure = { data };
    this.#figure.layout = layout;
    for (const [index, [heights, words]] of Object.entries(bars)) {
      this.#figure.data.forEach((trace, panel) => { [trace.y[index], trace.hovertext[index]] = [heights[panel], words]; });
    }
    this.#dirty = true;
    [this.#place.hidden, this.#empty.hidden] = [false, true];
  }

  /** Say that there are none, as long as there are none. */
  miss() {
    if (this.#figure) return;
    [this.#place.hidden, this.#empty.hidden] = [true, false];
    this.#empty.textContent = "The charts appear when the program has no errors.";
  }

  /** Fetch what draws the charts, for who is about to look at them. */
  prepare() { load(this.#place.dataset.plotly).catch(() => {}); }

  /** Draw what has changed, if anything has. */
  async draw() {
    if (!this.#figure || !this.#dirty) return;
    this.#dirty = false;
    try {
      const Plotly = await load(this.#place.dataset.plotly);
      const { data, layout } = themed(this.#figure);
      await Plotly.react(this.#place, data, layout, { displayModeBar: false, responsive: false });
      if (!this.#drawn) this.#listen();
      this.#drawn = true;
      this.link(this.#keys);
    } catch (error) {
      this.#dirty = true;
      this.#place.hidden = true;
      this.#empty.hidden = false;
      this.#empty.textContent = `The charts cannot be shown: ${error.message}. The table has the same numbers.`;
    }
  }

  /** Draw again in other colours. */
  recolour() {
    this.#dirty = true;
    if (this.#drawn) this.draw();
  }

  /** Light up the bars of some layers, where they can be seen. */
  link(keys) {
    this.#keys = keys;
    if (!this.#drawn || !this.#place.clientWidth) return;
    const order = this.#figure.data[0]?.customdata ?? [];
    let any = false;
    for (const point of this.#place.querySelectorAll(".bars .point")) {
      const lit = keys.has(order[point.__data__?.i]);
      point.classList.toggle("linked", lit);
      any ||= lit;
    }
    this.#place.classList.toggle("has-link", any);
  }

  #listen() {
    this.#place.on("plotly_hover", (event) => this.#onPoint("over", event.points[0].customdata));
    this.#place.on("plotly_unhover", () => this.#onPoint("out", null));
    this.#place.on("plotly_click", (event) => this.#onPoint("click", event.points[0].customdata));
  }
}

const plain = (text) => text.replace(/<\/?b>/g, "").replace("  ", " · ");

/** A copy of the figure in the page's colours and typeface. Plotly writes into what it is given. */
function themed(figure) {
  const copy = structuredClone(figure);
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  for (const trace of copy.data) trace.marker = { ...trace.marker, color: colour(`cost-${trace.meta?.panel ?? "parameters"}`) };
  const axis = { gridcolor: colour("line"), linecolor: colour("line-strong"), zerolinecolor: colour("line-strong"), tickcolor: colour("line-strong") };
  for (const name of Object.keys(copy.layout)) {
    if (/^[xy]axis/.test(name)) Object.assign(copy.layout[name], axis);
  }
  // Plotly makes bold tags into style attributes, which the page's policy forbids; a title's own weight is none.
  for (const title of copy.layout.annotations ?? []) {
    title.text = plain(title.text);
    title.font = { ...title.font, size: 13, color: colour("text") };
  }
  for (const trace of copy.data) trace.hovertext = trace.hovertext?.map(plain);
  Object.assign(copy.layout, {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...copy.layout.font, color: colour("text"), family: getComputedStyle(document.body).fontFamily, size: 12 },
    hoverlabel: { align: "left", bgcolor: colour("text"), bordercolor: colour("text"), font: { color: colour("surface") } },
  });
  probe.remove();
  return copy;
}
