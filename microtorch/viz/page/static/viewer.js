// A drawing, live: it fits its column, zooms, pans, fills the screen, and its folds open.
//
//   mount(host, {css, sheets})
//
// replaces the image in `host` by the viewer; without scripts the image stays. `sheets` are what page/sheets.py tells: the
// whole graph and the insides of its folds, each laid out for one to three widths.
// This file goes into every drawing of a notebook, deflated: it is kept short, and Python takes out lines of comment.

const MOST = 4;
const STEP = 1.25;
const PAD = 8; // pixels around a picture, as in viewer.css
const WAYS = ["Both ways", "Values", "Gradients"]; // what arrows are shown
const ITEMS = ".mt-node, .mt-root, .mt-fold, .mt-edge, .mt-link";
const PAGE = `<nav aria-label="Where in the graph" hidden></nav>
<div class="stage" tabindex="0" role="group"></div>
<div class="tip" role="tooltip" hidden></div>
<div class="bar" role="group" aria-label="View">
<button data-do="ways" title="Values, gradients, or both (V)"></button>
<button data-do="out" title="Zoom out (−)" aria-label="Zoom out">−</button>
<button data-do="reset" title="Back to where it opened (0)"></button>
<button data-do="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
<button data-do="fit" title="See all of it (F)">Fit</button>
<button data-do="full" title="Full screen" aria-pressed="false">Full screen</button>
</div>
<slot name="words"></slot>
<p class="say" aria-live="polite"></p>`;

// ---- what is shown, and how large: no page ----

/** The first layout that fits a width without its text getting too small; else the narrowest. */
export function choose(layouts, width) {
  const narrowest = layouts.reduce((best, each) => (each.width < best.width ? each : best));
  return layouts.find((each) => each.width * each.least <= width) ?? narrowest;
}

/** The scale at which a layout opens: never enlarged, and never so small that it could not be read. */
export function opening({ width, least }, room) {
  return Math.min(1, Math.max(least, room / width));
}

/** The scale at which all of a layout is seen. */
export function fitting({ width, height }, [across, down], most) {
  return Math.min(most, across / width, down / height);
}

/** The sheets from the whole graph to this one. */
export function trail(sheets, sheet) {
  const up = sheet?.key ? sheets.find((each) => each.key === sheet.parent) : null;
  return [...(up ? trail(sheets, up) : []), sheet];
}

/** Which of these points lies next in the direction of an arrow key: what is straight ahead counts as nearer; else -1. */
export function nearest(points, [x, y], key) {
  const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const far = points.map(([a, b]) => {
    const ahead = (a - x) * along[0] + (b - y) * along[1];
    return ahead > 1 ? ahead + 3 * Math.abs((a - x) * along[1] + (b - y) * along[0]) : Infinity;
  });
  const least = Math.min(...far);
  return least === Infinity ? -1 : far.indexOf(least);
}

// ---- the page ----

export function mount(host, { css, sheets }) {
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${css}</style>${PAGE}`;
  const find = (selector) => root.querySelector(selector);
  const [nav, stage, tip, say] = ["nav", ".stage", ".tip", ".say"].map(find);
  const full = find("[data-do=full]");
  full.hidden = !document.fullscreenEnabled;
  const isFull = () => document.fullscreenElement === host;
  const items = () => [...stage.querySelectorAll("[tabindex]")];
  const middle = (item) => {
    const box = item.getBoundingClientRect();
    return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  };
  const start = () => stage.querySelector(".mt-root") ?? [...stage.querySelectorAll(".mt-node, .mt-fold")].at(-1); // the loss
  let here, layout, svg;
  let scale = 1;
  let ways = 0;
  let mode = "open"; // or "fit"; or "free", once the reader has zoomed

  function room() {
    const height = isFull() ? stage.clientHeight : parseFloat(getComputedStyle(stage).maxHeight);
    return [stage.clientWidth - 2 * PAD, height - 2 * PAD];
  }

  function place() {
    if (!stage.clientWidth) return;
    if (mode !== "free" || !layout) {
      const best = choose(here.layouts, room()[0]);
      if (best !== layout) draw(best);
      for (let times = 0; times < 2; times++)
        // again, once it is known whether there is a scroll bar
        size(mode === "fit" ? fitting(layout, room(), isFull() ? 2.5 : 1) : opening(layout, room()[0]));
      reveal(start());
    }
  }

  function size(to) {
    scale = to;
    svg.style.width = `${layout.width * scale}px`;
    svg.style.height = `${layout.height * scale}px`;
    const percent = `${Math.round(scale * 100)} %`;
    find("[data-do=reset]").textContent = percent;
    return percent;
  }

  /** The values' graph and the gradients' are the same boxes in the same places, with arrows the other way. */
  function arrows(next) {
    ways = next;
    stage.dataset.ways = WAYS[ways];
    return (find("[data-do=ways]").textContent = WAYS[ways]);
  }

  /** Zoom so that what is under a point of the page stays there. */
  function zoom(factor, [x, y] = middle(stage)) {
    const old = svg.getBoundingClientRect();
    const least = Math.min(0.25, fitting(layout, room(), 1));
    mode = "free";
    say.textContent = size(Math.min(MOST, Math.max(least, scale * factor)));
    const now = svg.getBoundingClientRect();
    stage.scrollBy(
      now.left - x + ((x - old.left) / old.width) * now.width,
      now.top - y + ((y - old.top) / old.height) * now.height,
    );
  }

  function reveal(item) {
    if (!item) return;
    const [x, y] = middle(item);
    const [a, b] = middle(stage);
    stage.scrollBy({ left: x - a, top: y - b, behavior: "instant" });
  }

  function draw(next) {
    layout = next;
    svg = document.importNode(new DOMParser().parseFromString(layout.svg, "image/svg+xml").documentElement, true);
    for (const item of svg.querySelectorAll(ITEMS)) {
      const title = item.querySelector(":scope > title");
      if (!title && item.matches(".mt-edge, .mt-link")) continue;
      const opens = item.dataset.fold && sheets.some(({ key }) => key === `f${item.dataset.fold}`);
      const words = title?.textContent ?? [...item.querySelectorAll("text")].map((text) => text.textContent).join(" ");
      for (const [name, value] of Object.entries({ tabindex: -1, role: opens ? "button" : "img", "aria-label": words }))
        item.setAttribute(name, value);
      item.tip = title && words;
      item.classList.toggle("opens", Boolean(opens));
      const line = item.matches(".mt-edge, .mt-link") && item.querySelector("path")?.cloneNode();
      if (line) {
        line.setAttribute("class", "hit");
        item.append(line);
      }
    }
    for (const title of svg.querySelectorAll("title")) title.remove(); // the browser's own tips would lie over ours
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", here.title);
    stage.replaceChildren(svg);
    start()?.setAttribute("tabindex", 0);
    find("[data-do=ways]").hidden = !svg.querySelector(".mt-edge");
    hint();
  }

  function show(sheet, quiet) {
    if (!sheet || sheet === here) return;
    const from = here;
    const path = trail(sheets, sheet);
    [here, layout, mode] = [sheet, null, isFull() ? "fit" : "open"];
    nav.hidden = path.length === 1;
    nav.replaceChildren(...path.map((each) => crumb(each, each === here)));
    stage.setAttribute("aria-label", `${here.title}. Arrows move it, + and − zoom, Enter looks at its parts`);
    host.dataset.position = sheets.indexOf(here);
    place();
    if (quiet) return;
    say.textContent = path.length === 1 ? here.title : `Inside ${here.title}. Escape closes it.`;
    const fold = from?.parent === here.key && svg?.querySelector(`[data-fold="${from.key.slice(1)}"]`);
    if (fold) look(fold);
    else stage.focus();
  }

  function crumb(sheet, last) {
    const button = document.createElement("button");
    button.textContent = sheet.title;
    if (last) button.setAttribute("aria-current", "page");
    button.onclick = () => show(sheet);
    return button;
  }

  const open = (item) => item?.matches(".opens") && show(sheets.find(({ key }) => key === `f${item.dataset.fold}`));
  const close = () => show(sheets.find(({ key }) => key === here.parent && here.key));

  function look(item) {
    for (const each of items()) each.setAttribute("tabindex", each === item ? 0 : -1);
    item.focus();
    item.scrollIntoView({ block: "nearest", inline: "nearest" });
    hint(item);
  }

  function hint(item, x, y) {
    tip.hidden = !item?.tip;
    if (tip.hidden) return;
    tip.textContent = item.tip;
    const box = item.getBoundingClientRect();
    const frame = host.getBoundingClientRect();
    const [left, top] = [
      x ?? (box.left + box.right - tip.offsetWidth) / 2,
      y ?? Math.min(box.bottom, stage.getBoundingClientRect().bottom),
    ];
    tip.style.left = `${Math.max(0, Math.min(left - frame.left, frame.width - tip.offsetWidth))}px`;
    const below = top - frame.top + 8;
    tip.style.top = `${below + tip.offsetHeight > frame.height ? below - tip.offsetHeight - 16 : below}px`;
  }

  const actions = {
    in: () => zoom(STEP),
    out: () => zoom(1 / STEP),
    reset: () => ((mode = "open"), place()),
    fit: () => ((mode = "fit"), place()),
    ways: () => (say.textContent = arrows((ways + 1) % 3)),
    full: () => (isFull() ? document.exitFullscreen() : host.requestFullscreen()),
  };
  const keys = { "+": "in", "=": "in", "-": "out", "−": "out", 0: "reset", f: "fit", F: "fit", v: "ways", V: "ways" };

  /** On the drawing itself, as it stands in a page of its own, arrows go from sheet to sheet. */
  function flip(key) {
    const i = sheets.indexOf(here);
    const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: sheets.length - 1 }[key];
    if (!sheets[to] || to === i) return;
    show(sheets[to], true);
    say.textContent = here.title;
  }

  function press(event) {
    const { key } = event;
    const at = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || at.closest("details")) return;
    const item = at.closest(".stage [tabindex]");
    const arrow = key.startsWith("Arrow");
    if (keys[key]) actions[keys[key]]();
    else if (key === "Escape") item && !here.key ? stage.focus() : close();
    else if (at === host && (arrow || key === "Home" || key === "End")) flip(key);
    else if (item && arrow) turn(item, key);
    else if (key === "Enter" || key === " ") {
      if (item) open(item);
      else if (at === stage) items().forEach((each) => each.tabIndex === 0 && look(each));
      else return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function turn(item, key) {
    const others = items().filter((each) => each !== item);
    const next = others[nearest(others.map(middle), middle(item), key)];
    if (next) look(next);
  }

  arrows(0);
  host.dataset.last = sheets.length - 1;
  host.dataset.lmSuppressShortcuts = true; // JupyterLab's own keys
  host.addEventListener("keydown", press);
  find(".bar").onclick = (event) => actions[event.target.dataset.do]?.();
  stage.onclick = (event) => open(event.target.closest(".opens"));
  stage.onpointerover = (event) => hint(event.target.closest("[tabindex]"), event.clientX, event.clientY);
  stage.onpointerleave = stage.onscroll = () => hint();
  stage.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && hint(event.target));
  stage.addEventListener("focusout", () => hint());

  let drag;
  stage.onpointerdown = ({ pointerType, button, clientX, clientY }) => {
    if (pointerType === "mouse" && !button) drag = [clientX + stage.scrollLeft, clientY + stage.scrollTop, clientX, clientY];
  };
  stage.onpointermove = ({ pointerId, clientX, clientY }) => {
    if (!drag || (!stage.hasPointerCapture(pointerId) && Math.hypot(clientX - drag[2], clientY - drag[3]) < 4)) return;
    stage.setPointerCapture(pointerId); // not before: a click that does not move is the fold's
    stage.scrollTo({ left: drag[0] - clientX, top: drag[1] - clientY, behavior: "instant" });
  };
  stage.onpointerup = stage.onpointercancel = () => (drag = null);

  const calm = { passive: false };
  const still = (event) => event.preventDefault();
  const pinch = ([a, b]) => [
    Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2],
  ];
  let apart;
  const touched = (event) => {
    if (event.touches.length !== 2) return;
    still(event);
    const [distance, centre] = pinch(event.touches);
    if (event.type === "touchmove") zoom(distance / apart, centre);
    apart = distance;
  };
  for (const name of ["touchstart", "touchmove"]) stage.addEventListener(name, touched, calm);
  const wheel = (event) => {
    if (!event.ctrlKey) return;
    still(event);
    zoom(Math.exp(-event.deltaY / 300), [event.clientX, event.clientY]);
  };
  stage.addEventListener("wheel", wheel, calm);
  host.addEventListener("fullscreenchange", () => {
    full.setAttribute("aria-pressed", isFull());
    mode = isFull() ? "fit" : "open";
    place();
  });

  show(sheets[0], true);
  let wide;
  new ResizeObserver(() => wide !== (wide = host.clientWidth) && place()).observe(host); // also when it first gets a size
  if (host.hasAttribute("autofocus")) host.focus();
}
