// The backward stepper: plain JavaScript that draws a recorded backward pass from data.
//
//   mount(element, data, {position, onPosition, ask, live}) -> {goto, tell, hear, live, destroy, position}
//
// works on any page; the default export is the thin anywidget view on it. `data` is what viz/passes/page.py tells of a trace.
// `ask` sends a question, as page.py answers it, and `hear` takes the answer in; without `ask` there is only what `data` holds.
// Python joins the files of this folder into one module (viz/page/source.py).

import { quizIn } from "./ask.js";
import { mountPair } from "./compare.js";
import { mark, reveal, shareKeys } from "./dom.js";
import { placeAt, stepAt } from "./forward.js";
import { build } from "./frame.js";
import { grow, madeList, wayLines } from "./growing.js";
import { choose, find, indexPass, isWhole, learn } from "./pass.js";
import { codeLines, gradTable, markLines, neighbours, queueLines, startLines, stepLines } from "./panel.js";
import { nudgeIn } from "./nudge.js";
import { boxOf, follow, hooks, paint, setStop } from "./picture.js";

const BEAT = 1400; // milliseconds a step while playing: time to read one sentence
const TALL = 300; // pixels: a taller picture stands beside the words where there is room
const BENEATH = 90; // pixels that the neighbourhood beneath a picture with folds takes
const AHEAD = 500; // steps that are asked for at once
const [SOON, LATE] = [1500, 10_000]; // milliseconds for an answer: of a kernel that was cut off; of one that may be at work
const GONE =
  "No session stands behind this stepper any more (was the kernel restarted?): it still walks, but no .grad moves with it. Run its cell again.";
const REST =
  "In a notebook, viz.step walks all of them; or keep the pass from a Variable further in, which is shorter: viz.trace(variable, gradient).";
const NOTHING = {
  accumulates: "No .grad grows after this.",
  nan: "No NaN or infinity comes after this.",
  error: "No error comes after this.",
  line: "No line of code comes after this.",
  stop: "There is no stop after this.",
};

export function mount(element, data, options = {}) {
  return data.sides ? mountPair(element, data, options, mountOne) : mountOne(element, data, options);
}

function mountOne(
  element,
  data,
  { position = 0, predict = false, onPosition = () => {}, onPredict = () => {}, ask = null, live = false } = {},
) {
  const pass = indexPass(data);
  const isPart = !ask && !isWhole(pass);
  const { first } = pass;
  const last = isPart ? pass.steps.size : pass.last;
  const page = build(element, data, pass);
  const pictures = (data.pictures ?? []).map((each) => ({ ...each, made: null }));
  const grads = gradTable(page.grads, pass, live);
  const stops = new Set(); // nodes at which play and run stop
  const events = new AbortController();
  let picture = null;
  let here = -1;
  let phase = 0; // how many phases of the step after `here` have been told, in the midst of it
  let timer = null;
  const quiz = quizIn(page.asked, { quiz: data.quiz, steps: pass.count, ask, told: show, next: () => goto(here + 1) });

  const nudging = data.nudge && ask ? nudgeIn(page.nudged, data.nudge, ask) : null;
  let isNudging = false;

  // ---- what is shown ----

  function show() {
    const step = stepAt(pass, phase ? here + 1 : here);
    if (here && !step) askFor(here);
    hide();
    draw();
    look();
    fill(step);
    element.dataset.position = here - first;
    if (pass.count > here && !isWhole(pass) && !stepAt(pass, Math.min(here + AHEAD / 5, pass.count)))
      askFor(Math.max(here, 0) + 1);
  }

  /** What comes after an open question is told nowhere; nor, once it is open, what could be read from the page already. */
  function hide() {
    const isAsked = quiz.show(here);
    page.asked.hidden = !isAsked;
    page.nudged.hidden = isAsked || !isNudging;
    page.now.hidden = isAsked || isNudging;
    page.score.textContent = quiz.score();
    const seen = quiz.isOn() ? quiz.limit(last) : Infinity;
    if (seen === pass.seen) return;
    pass.seen = seen;
    for (const each of pictures) each.made?.seen.clear();
  }

  function draw() {
    if (!picture || picture.folds.size) neighbours(page.near, pass, phase ? here + 1 : here);
    if (!picture) return;
    grow(picture, pass, here);
    if (here < 0) return;
    const step = phase ? pass.steps.get(here + 1) : null;
    const name = step?.phases[phase - 1].name;
    paint(picture, pass, here, step ? { doing: step.node, sending: name === "sends" } : {});
  }

  function fill(step) {
    const told = sentenceOf(step);
    page.sentence.textContent = told;
    page.count.textContent = placeAt(pass, here);
    page.slider.value = here;
    page.slider.setAttribute("aria-valuetext", `${placeAt(pass, here).replace("/", "of")}. ${told}`);
    for (const name of ["first", "previous"]) quiet(page.buttons[name], here === first && !phase);
    for (const name of ["next", "last"]) quiet(page.buttons[name], here === last);
    page.now.replaceChildren(...linesAt(step));
    page.now.scrollTop = 0;
    page.queue.replaceChildren(...(here < 0 ? madeList : queueLines)(pass, here));
    grads.show(here);
    markLines(page.code, pass, current(), step?.line);
    page.stop.setAttribute("aria-pressed", String(stops.has(current())));
    page.hint.textContent = "";
    for (const item of page.words.querySelectorAll("li")) markItem(item);
  }

  function linesAt(step) {
    if (step?.way) return wayLines(pass, step);
    return step ? stepLines(pass, step, phase) : here ? [] : startLines(pass);
  }

  function markItem(item) {
    const at = Number(item.dataset.at);
    mark(item, at === here);
    item.hidden = at > pass.seen;
  }

  function sentenceOf(step) {
    if (!step) return here ? `Asking the session for step ${here} …` : data.start.sentence;
    const count = step.phases?.length;
    if (phase) return `${phase} of ${count}: ${step.phases[phase - 1].text}`;
    return byPhase() && count ? `${count} of ${count}: ${step.phases[count - 1].text}` : step.sentence;
  }

  function tell(text) {
    const known = pass.steps.size.toLocaleString("en");
    const part = isPart ? `This page has the first ${known} of ${pass.count.toLocaleString("en")} steps. ${REST}` : "";
    page.note.textContent = [part, text].filter(Boolean).join(" ");
    page.note.hidden = !page.note.textContent;
  }

  /** aria-disabled, not disabled: a disabled button would drop the keyboard focus at the first and last position. */
  function quiet(button, off) {
    button.setAttribute("aria-disabled", String(off));
  }

  /** The node that has just run, or is at work; at the start the first one. */
  function current() {
    return (stepAt(pass, phase ? here + 1 : here) ?? data.start).node;
  }

  function look(behavior = "smooth") {
    if (picture) follow(page.picture, boxOf(picture, pass, current()), behavior);
  }

  /** Take the layout that fits the room there is; also the moment at which the page first gets a size. */
  function fit() {
    const width = page.root.clientWidth - 22;
    if (width <= 0 || !pictures.length) return;
    const { layout, beside } = choose(pictures, width, TALL);
    page.root.classList.toggle("mt-beside", beside);
    page.root.style.setProperty("--mt-aside", `${Math.ceil(layout.width) + 20}px`);
    page.root.style.setProperty("--mt-deep", `${Math.min(Math.max(layout.height + 6, 400), 490)}px`);
    layout.made ??= hooks(pass, layout);
    if (layout.made && picture !== layout.made) {
      picture = layout.made;
      page.picture.replaceChildren(picture.root);
      for (const id of stops) showStop(id);
    }
    const room = page.picture.clientWidth;
    const scale = Math.min(1, Math.max(layout.least, room / layout.width));
    const most = (width < 640 ? 400 : 320) - (picture.folds.size ? BENEATH : 0); // so that all of it stays on one screen
    picture.root.style.width = `${layout.width * scale}px`;
    page.picture.style.height = beside
      ? ""
      : `${Math.min(layout.height * scale + (layout.width * scale > room ? 16 : 1), most)}px`;
    page.near.hidden = !picture.folds.size;
    draw();
    look("instant");
  }

  // ---- moving ----

  function goto(k) {
    const wanted = Number.isInteger(k) ? Math.min(Math.max(k, first), last) : here;
    const to = quiz.limit(wanted);
    if (to < wanted) page.hint.textContent = "A question waits.";
    if (to === here && !phase) return;
    const moved = to !== here;
    [here, phase] = [to, 0];
    show();
    if (moved) onPosition(to);
  }

  const byPhase = () => page.phases.getAttribute("aria-pressed") === "true";
  const phasesOf = (k) => pass.steps.get(k)?.phases?.length ?? 0;

  function next() {
    if (quiz.holds(here)) return quiz.focus();
    if (!byPhase() || here === last || phase + 1 >= phasesOf(here + 1)) return goto(here + 1);
    phase += 1;
    show();
  }

  function previous() {
    if (!byPhase() || (!phase && here === first)) return goto(phase ? here : here - 1);
    if (phase) {
      phase -= 1;
      return show();
    }
    const count = phasesOf(here);
    goto(here - 1);
    phase = Math.max(count - 1, 0);
    show();
  }

  function play() {
    if (here === last) goto(first);
    page.say({ playing: true });
    timer = setInterval(beat, BEAT / Number(page.speed.value));
  }

  function beat() {
    const before = here;
    next();
    if (here === last || quiz.holds(here) || (here !== before && stops.has(current()))) pause();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    page.say({ playing: false });
  }

  const moves = { first: () => goto(first), previous, next, last: () => goto(last) };
  const move = (name) => (pause(), moves[name]());
  const toggle = () => (timer ? pause() : play());

  // ---- running until something happens, and stops ----

  function run(what) {
    pause();
    const name = what.replace(/^=/, "");
    const soon = what === "stop" ? null : find(pass, name, here);
    if (what === "stop" || isWhole(pass) || !ask || soon < 0) arrive(what, soon, stopsAhead());
    else ask({ find: name, after: here });
  }

  function stopsAhead() {
    return [...stops].flatMap((id) => [pass.madeAt.get(id), pass.ranAt.get(id)]).filter((k) => k > here);
  }

  function arrive(what, found, stop) {
    const target = Math.min(...stop, found ?? Infinity);
    if (target < Infinity) goto(target);
    else page.hint.textContent = NOTHING[what] ?? `${what.slice(1)} does not run after this.`;
  }

  function setStopAt(id) {
    if (!pass.ranAt.has(id)) return;
    if (!stops.delete(id)) stops.add(id);
    showStop(id);
    page.setStops([...stops].map((each) => pass.ranAt.get(each)));
    page.stop.setAttribute("aria-pressed", String(stops.has(current())));
    page.hint.textContent = `${stops.has(id) ? "Stop at" : "No stop at"} ${pass.nodes.get(id)?.title ?? "this node"}`;
  }

  function showStop(id) {
    const g = picture?.nodes.get(id);
    if (g) setStop(g, stops.has(id));
  }

  // ---- a pass too long to be sent at once ----

  let asked = 0;
  let asking = null;

  function askFor(k) {
    if (!ask || (asked && k >= asked && k < asked + AHEAD)) return;
    asked = Math.max(1, k - AHEAD / 5);
    ask({ from: asked, to: Math.min(last, asked + AHEAD) });
  }

  function hear(answer) {
    if (answer?.questions || answer?.score) quiz.hear(answer);
    else if (answer?.points || answer?.h) nudging?.hear(answer);
    else if (answer?.steps && !isWhole(pass)) {
      learn(pass, answer);
      asked = 0;
      show();
    } else if (answer && "find" in answer) {
      arrive(asking ?? `=${answer.find}`, answer.position, stopsAhead());
    }
  }

  // ---- what the reader does ----

  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: events.signal });
  for (const name of Object.keys(moves)) on(page.buttons[name], "click", () => move(name));
  on(page.buttons.play, "click", toggle);
  on(page.speed, "change", () => timer && (pause(), play()));
  on(page.phases, "click", togglePhases);
  on(page.stop, "click", () => setStopAt(current()));
  on(page.nudge, "click", () => setNudging(!isNudging));
  on(page.predict, "click", () => onPredict(setPredict(!quiz.isOn())));
  on(page.until, "change", () => {
    const what = page.until.value;
    page.until.value = "";
    if (what) run((asking = what));
  });
  on(page.slider, "input", () => {
    pause();
    goto(page.slider.valueAsNumber);
    page.slider.value = here; // of a part of a pass, it would stand beyond
  });
  on(page.track, "click", (event) => (pause(), goto(under(event))));
  on(page.track, "mousemove", (event) => (page.track.parentNode.title = stepName(under(event))));
  on(page.words, "toggle", () => page.words.open && list());
  on(page.picture, "click", clicked);
  on(page.near, "click", clicked);
  for (const type of ["mouseover", "mouseout"]) on(page.picture, type, (event) => pointed(event, type === "mouseover"));
  for (const type of ["mouseover", "mouseout", "focusin", "focusout"])
    on(page.code, type, (event) => lit(event, type === "mouseover" || type === "focusin"));
  on(page.code, "click", (event) => {
    const line = pass.code[event.target.closest("button")?.dataset.line];
    const k = here < 0 ? line?.begun : line?.at;
    if (k) (pause(), goto(k));
  });
  on(element, "keydown", pressed);
  shareKeys(page.root, events.signal);

  function togglePhases() {
    page.phases.setAttribute("aria-pressed", String(!byPhase()));
    phase = 0;
    show();
  }

  /** Ask from here on; at the end, from the start. */
  function setPredict(isOn) {
    if (isOn === quiz.isOn()) return isOn;
    pause();
    if (isOn) setNudging(false);
    page.predict.setAttribute("aria-pressed", String(isOn));
    page.root.classList.toggle("mt-asks", isOn);
    phase = 0;
    const isOver = here >= pass.count;
    quiz.begin(isOn ? (isOver ? 0 : here) : null);
    if (isOn && isOver) goto(0);
    else show();
    return isOn;
  }

  /** A gradient beside its difference would give answers away: so it is this or asking. */
  function setNudging(isOn) {
    if (!nudging) return;
    if (isOn) onPredict(setPredict(false));
    isNudging = isOn;
    page.nudge.setAttribute("aria-pressed", String(isOn));
    page.root.classList.toggle("mt-nudges", isOn);
    if (isOn) nudging.show();
    show();
  }

  function clicked(event) {
    const edge = pass.sent.get(Number(event.target.closest?.(".mt-edge")?.dataset.edge));
    if (isNudging && edge && nudging.choose(edge.to)) return;
    const box = event.target.closest?.("[data-node], [data-fold]");
    if (!box) return;
    const id = Number(box.dataset.node);
    if (isNudging && nudging.choose(id)) return;
    const fold = pass.folds.get(Number(box.dataset.fold));
    if (event.shiftKey && !fold) return setStopAt(id);
    const [ranges, turns] = here < 0 ? [fold?.made, pass.madeAt] : [fold?.at, pass.ranAt];
    const k = fold ? ranges[0]?.[0] : turns.get(id);
    if (k) (pause(), goto(k));
  }

  /** The node under the mouse marks its line of code, and a line its nodes. */
  function pointed(event, isOn) {
    const id = Number(event.target.closest?.(".mt-node")?.dataset.node);
    for (const button of page.code.querySelectorAll("button"))
      button.classList.toggle("mt-lit", isOn && pass.code[button.dataset.line].nodes.includes(id));
    if (isOn) reveal(page.code, page.code.querySelector(".mt-lit"));
  }

  function lit(event, isOn) {
    const line = pass.code[event.target.closest("button")?.dataset.line];
    for (const id of line?.nodes ?? []) picture?.nodes.get(id)?.classList.toggle("mt-lit", isOn);
  }

  function under(event) {
    const box = page.track.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(last, Math.max(first, Math.round(first + share * (pass.last - first))));
  }

  function stepName(k) {
    const step = stepAt(pass, k);
    const title = step?.way ? step.title : pass.nodes.get(step?.node)?.title;
    return k === 0 || k === first ? "the start" : `${first < 0 || k > pass.count ? placeAt(pass, k) : k}: ${title ?? "…"}`;
  }

  function pressed(event) {
    const key = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("select, [type=text]")) return;
    if (key) move(key);
    else if (event.key === " " && !event.target.closest("button, summary")) toggle();
    else if (event.key === "b") setStopAt(current());
    else if (event.key === "p") togglePhases();
    else if (event.key === "n" && nudging) setNudging(!isNudging);
    else if (event.key === "q") onPredict(setPredict(!quiz.isOn()));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function list() {
    const items = page.words.querySelector("ol");
    if (items.childElementCount) return;
    for (const [k, step] of [...pass.made, ...pass.steps, ...pass.updates].sort(([a], [b]) => a - b)) {
      const button = document.createElement("button");
      const item = document.createElement("li");
      [button.type, button.textContent, item.value, item.dataset.at] = ["button", step.sentence, k < 0 ? k - first : k, k];
      item.append(button);
      markItem(item);
      button.addEventListener("click", () => (pause(), goto(k)));
      items.append(item);
    }
  }

  codeLines(page.code, pass);
  page.root.style.setProperty("--mt-grads", `${Math.min(30 + 26 * pass.leafCount, 112)}px`);
  const resized = new ResizeObserver(fit);
  resized.observe(page.root);
  element.dataset.last = last - first;
  here = Number.isInteger(position) ? Math.min(Math.max(position, first), last) : first;
  fit();
  show();
  tell("");
  setPredict(predict);
  return {
    goto,
    hear,
    predict: setPredict,
    get position() {
      return here;
    },
    tell,
    /** Whether a session stands behind the page, in which the leaves' .grad moves. */
    live(isLive) {
      grads.setLive(isLive);
      quiz.setLive(isLive);
      if (!isLive) tell(GONE);
      else if (page.note.textContent.endsWith(GONE)) tell("");
    },
    destroy() {
      pause();
      events.abort();
      resized.disconnect();
      page.root.remove();
    },
  };
}

// ---- Jupyter ----

function render({ model, el }) {
  for (const still of document.querySelectorAll(`[data-of="${model.get("mark")}"]`)) still.remove(); // viz/passes/still.py
  function stand(k) {
    model.set("position", k);
    model.save_changes();
  }

  const view = mount(el, model.get("data"), {
    live: true,
    position: model.get("position"),
    predict: model.get("predict"),
    onPredict(isOn) {
      model.set("predict", isOn);
      model.save_changes();
    },
    onPosition: stand,
    ask: (message) => model.send(message),
  });
  let waiting = null;

  /** Ask for anything: a kernel that was restarted knows nothing of this stepper, and one that is not there does not answer. */
  function probe(patience) {
    clearTimeout(waiting);
    waiting = setTimeout(() => view.live(false), patience);
    try {
      model.send({ from: 1, to: 1 });
    } catch {
      view.live(false);
    }
  }

  function heard(message) {
    clearTimeout(waiting);
    view.live(true);
    view.hear(message);
  }

  /** Go where Python goes; where a question is in the way, Python is told so, once its message has been taken in. */
  function obey() {
    view.goto(model.get("position"));
    if (view.position !== model.get("position")) setTimeout(() => stand(view.position));
  }

  const listen = {
    "change:position": obey,
    "change:predict": () => view.predict(model.get("predict")),
    "change:note": () => view.tell(model.get("note")),
    "msg:custom": heard,
    comm_live_update: () => probe(SOON),
  };
  for (const [name, listener] of Object.entries(listen)) model.on(name, listener);
  view.tell(model.get("note"));
  probe(LATE);
  return () => {
    clearTimeout(waiting);
    for (const [name, listener] of Object.entries(listen)) model.off(name, listener);
    view.destroy();
  };
}

export default { render };
