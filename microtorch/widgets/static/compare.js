// Two passes in lock-step: two pictures, one slider; what differs is marked. `data` is what viz/passes/lockstep.py tells.

import { h, heading, icon, mark, shareKeys, svgElement } from "./dom.js";

/** `mountOne` shows each of the two; a move within one of them moves both. */
export function mountPair(element, data, { position = 0, onPosition = () => {}, ask = null }, mountOne) {
  const last = data.count;
  const rows = new Map();
  const isDifferent = (k) => rows.get(k)?.differences.length > 0;
  let here = 0;
  let isMoving = false;

  const control = (name, label, key, ...text) => {
    const button = h("button", { type: "button", class: `mt-${name}`, "aria-label": label, title: `${label} (${key})` });
    button.append(icon(name), ...text);
    return button;
  };
  const moves = {
    first: [control("first", "Back to the start", "Home"), () => goto(0)],
    previous: [control("previous", "One step back", "←"), () => goto(here - 1)],
    next: [control("next", "Next step", "→", "Next"), () => goto(here + 1)],
    last: [control("last", "Run to the end", "End"), () => goto(last)],
  };
  const differing = h("button", { type: "button", title: "Go to the next step in which the two differ (D)" }, "Next difference");
  const slider = h("input", { type: "range", min: 0, max: last, step: 1, value: 0, "aria-label": "Position in both passes" });
  const lane = svgElement("svg", {
    class: "mt-lane",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
    viewBox: `0 0 ${last || 1} 10`,
  });
  const count = h("output", { class: "mt-count" });
  const title = h("p", { class: "mt-sentence", "aria-live": "polite", "aria-atomic": "true" });
  const told = h("ul", { class: "mt-differences" });
  const saying = h("div", { class: "mt-saying", tabindex: 0, role: "group", "aria-label": "What differs" }, title, told);
  const hosts = data.names.map((name) =>
    h("div", { class: "mt-one", role: "group", "aria-label": name }, heading(h("b", {}, name))),
  );
  const root = h(
    "div",
    { class: "mt-stepper mt-pair", role: "group", "aria-label": data.title },
    h(
      "div",
      { class: "mt-controls" },
      h("span", { class: "mt-moves" }, ...Object.values(moves).map(([button]) => button)),
      h("span", { class: "mt-options" }, differing),
    ),
    h("div", { class: "mt-rail" }, h("div", { class: "mt-track" }, slider, lane), count),
    saying,
    h("div", { class: "mt-both" }, ...hosts),
    h("p", { class: "mt-legend" }, h("span", { class: "mt-key mt-differs" }, "≠ differs from the other pass")),
  );

  function learn({ from, rows: more }) {
    more.forEach((row, i) => {
      const k = from + i + 1;
      rows.set(k, row);
      if (row.differences.length)
        row.steps.forEach((step, side) => {
          const node = data.sides[side].steps[step - 1]?.node;
          if (node !== undefined) data.sides[side].differs[node] ??= step;
        });
    });
    const d = [...rows.keys()].map((k) => (isDifferent(k) ? `M${k} 0v9` : `M${k} 0v3`)).join("");
    lane.replaceChildren(svgElement("path", { class: "mt-f", d }));
  }

  function goto(k) {
    here = Number.isInteger(k) ? Math.min(Math.max(k, 0), last) : here;
    if (here && !rows.has(here)) ask?.({ rows: here - 1 });
    show();
    onPosition(here);
  }

  function show() {
    const row = rows.get(here);
    isMoving = true;
    views.forEach((view, side) => view.goto(row ? row.at[side] : 0));
    isMoving = false;
    title.textContent = row ? sentence(row) : here ? "This row is not known here." : `${data.title}: nothing has run yet.`;
    told.replaceChildren(...(row?.differences ?? []).map((each) => h("li", {}, each)));
    slider.value = here;
    slider.setAttribute("aria-valuetext", `row ${here} of ${last}. ${title.textContent}`);
    count.textContent = `${here} / ${last}`;
    for (const name of ["first", "previous"]) moves[name][0].setAttribute("aria-disabled", String(here === 0));
    for (const name of ["next", "last"]) moves[name][0].setAttribute("aria-disabled", String(here === last));
    mark(saying, isDifferent(here), "true");
    element.dataset.position = here;
  }

  function sentence({ title: node, steps: [a, b], differences }) {
    if (a === null || b === null) return `${node}: step ${a ?? b} of ${data.names[a === null ? 1 : 0]}.`;
    const which = a === b ? `step ${a} of both` : `step ${a} of ${data.names[0]}, ${b} of ${data.names[1]}`;
    return `${node}: ${which}. ${differences.length ? "They differ:" : "They are the same."}`;
  }

  function nextDifference() {
    const found = [...rows.keys()].sort((a, b) => a - b).find((k) => k > here && isDifferent(k));
    if (found) goto(found);
    else title.textContent = "They do not differ after this.";
  }

  /** One of the two was moved by itself: the other goes along. */
  function led(side, k) {
    if (isMoving) return;
    const found = k ? [...rows].find(([, row]) => row.at[side] === k)?.[0] : 0;
    if (found !== undefined) goto(found);
  }

  const events = new AbortController();
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: events.signal });
  for (const [button, move] of Object.values(moves)) on(button, "click", move);
  on(differing, "click", nextDifference);
  on(slider, "input", () => goto(slider.valueAsNumber));
  // In the way down: each of the two would move alone.
  root.addEventListener("keydown", pressed, { capture: true, signal: events.signal });
  shareKeys(root, events.signal);
  on(element, "keydown", (event) => event.target === element && pressed(event));

  function pressed(event) {
    const name = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (name) moves[name][1]();
    else if (event.key === "d") nextDifference();
    else if (!/^[ pqb]$/.test(event.key) || event.target.closest("button, summary")) return;
    event.preventDefault();
    event.stopPropagation();
  }

  for (const side of data.sides) side.differs = {};
  learn(data);
  element.classList.add("mt-host");
  element.append(root);
  const views = data.sides.map((side, i) => mountOne(hosts[i], side, { onPosition: (k) => led(i, k) }));
  for (const each of root.querySelectorAll(".mt-one [aria-live]")) each.setAttribute("aria-live", "off"); // what is said above is enough
  element.dataset.last = last;
  here = Math.min(Math.max(position, 0), last);
  show();
  return {
    goto,
    get position() {
      return here;
    },
    hear(answer) {
      if (answer?.rows) learn(answer);
      show();
    },
    tell() {},
    live() {},
    predict() {},
    destroy() {
      events.abort();
      for (const view of views) view.destroy();
      root.remove();
    },
  };
}
