// A training run, live: a slider over its iterations, the graph of each, its leaves coloured by the norms of their gradients.
//
//   mount(host, {css, run})
//
// replaces the image in `host`; without scripts that stays. `run` is what viz/training/page.py tells.

const PAGE = `<div class="chart"></div>
<div class="at">
<input type="range" min="0" step="1" aria-label="Iteration">
<output aria-live="polite"></output>
</div>
<slot name="flags"></slot>
<div class="sides">
<figure><figcaption>The graph of this iteration, its leaves in the colours of their gradients’ norms</figcaption><div class="graph"></div></figure>
<div class="table"></div>
</div>
<slot name="words"></slot>`;
const HEADS = ["leaf", "gradient’s norm", "zeros in it", "update ÷ data"];
const NOTHING = "#D9DDE3";
const SVG = "http://www.w3.org/2000/svg";

/** The colour of a norm: white where there is none, or where it is no number. */
export function colour(norm, heat, [low, high]) {
  if (typeof norm !== "number") return "#FFFFFF";
  if (norm === 0) return NOTHING;
  const at = Math.min(1, Math.max(0, (Math.log10(norm) - low) / (high - low))) * (heat.length - 1);
  const below = Math.min(Math.floor(at), heat.length - 2);
  const mixed = heat[below].map((each, i) => Math.round(each + (heat[below + 1][i] - each) * (at - below)));
  return `#${mixed.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

/** Of the leaves that one box shows, what decides its colour: one that is no number, or else the largest norm. */
export function strongest(norms) {
  if (norms.includes("bad")) return "bad";
  const known = norms.filter((each) => typeof each === "number");
  return known.length ? Math.max(...known) : null;
}

function parsed(text) {
  return document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function mount(host, { css, run }) {
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${css}</style>${PAGE}`;
  const [place, slider, output, graph, table] = [".chart", "input", "output", ".graph", ".table"].map((each) =>
    root.querySelector(each),
  );
  const last = run.iterations.length - 1;
  let position = last;
  let chart, mark, drawn;

  function draw() {
    const best = run.charts.find((each) => each.width <= host.clientWidth) ?? run.charts.at(-1);
    if (best === chart) return;
    chart = best;
    const picture = parsed(chart.svg);
    picture.style.cssText = `width: 100%; max-width: ${1.4 * chart.width}px; height: auto`;
    mark = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ class: "mark", fill: "none", stroke: "#1A1A1A", "stroke-width": 1.5, y: 22 }))
      mark.setAttribute(name, value);
    mark.setAttribute("height", chart.heat[1] - 20);
    picture.append(mark);
    place.replaceChildren(picture);
  }

  function show(next) {
    position = Math.min(last, Math.max(0, next));
    const { number, loss, graph: which, leaves } = run.iterations[position];
    slider.value = position;
    host.dataset.position = position;
    output.textContent = `iteration ${number.toLocaleString("en")}: loss ${loss}`;
    slider.setAttribute("aria-valuetext", output.textContent);
    const [from, to] = [chart.edges[position], chart.edges[position + 1]];
    mark.setAttribute("x", (from + to) / 2 - Math.max(4, to - from) / 2);
    mark.setAttribute("width", Math.max(4, to - from));
    tell(leaves);
    paint(run.graphs[which], which, leaves);
  }

  function tell(leaves) {
    const head = element("tr", {}, ...HEADS.map((each) => element("th", { scope: "col" }, each)));
    const rows = run.names.flatMap((name, row) => (leaves[row] ? [line(name, leaves[row])] : []));
    table.replaceChildren(element("table", {}, head, ...rows));
  }

  function line(name, [norm, ...words]) {
    const swatch = element("i", { style: `background: ${colour(norm, run.heat, run.scale)}` }, norm === "bad" ? "×" : "");
    const cells = words.map((each, i) => element("td", {}, ...(i ? [] : [swatch]), each));
    return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
  }

  function paint(picture, which, leaves) {
    if (!picture) {
      drawn = null;
      graph.textContent = which === null ? "Of so many graphs, this one was not kept." : "There is no picture of this graph.";
      return;
    }
    if (drawn !== which) graph.replaceChildren(parsed(picture.svg));
    drawn = which;
    for (const [selector, rows] of Object.entries(picture.boxes)) {
      const norm = strongest(rows.map((row) => leaves[row]?.[0]));
      for (const box of graph.querySelectorAll(`${selector} .mt-box`))
        box.setAttribute("fill", colour(norm, run.heat, run.scale));
      for (const glyph of graph.querySelectorAll(`${selector} .mt-glyph`)) glyph.textContent = norm === "bad" ? "⚠" : "";
    }
  }

  slider.max = last;
  host.dataset.last = last;
  host.dataset.lmSuppressShortcuts = true; // JupyterLab's own keys
  slider.oninput = () => show(Number(slider.value));
  place.onpointerdown = (event) => {
    const box = place.firstChild.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.width;
    const found = chart.edges.findIndex((each, i) => x >= each && x < chart.edges[i + 1]);
    if (found >= 0) show(found);
  };
  host.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: position - 1, ArrowRight: position + 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.composedPath()[0] !== host || event.ctrlKey || event.metaKey || event.altKey) return;
    show(to);
    event.preventDefault();
  });
  draw();
  show(last);
  let wide;
  new ResizeObserver(() => {
    if (wide === (wide = host.clientWidth) || !wide) return;
    draw();
    show(position);
  }).observe(host);
  if (host.hasAttribute("autofocus")) host.focus();
}
