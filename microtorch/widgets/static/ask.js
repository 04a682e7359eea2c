// Predict: the next gradient is asked for before the page shows it. While a question waits, nothing beyond it is told.

import { canBeTyped, count, giveUp, judge, judgeChoice, limit } from "./answers.js";
import { h, heading, reveal } from "./dom.js";

const press = (name, text, title = "") => h("button", { type: "button", class: name, ...(title ? { title } : {}) }, text);

/** What stands in `section`. `quiz` holds all questions where there is no session; else `ask` sends for them, and for verdicts.
 *  `told` is called when it has become known how far one may see, `next` goes a step on. */
export function quizIn(section, { quiz, steps, ask, told, next }) {
  const known = new Map(); // by position
  let [causes, score] = [{}, null];
  let from = Infinity; // where asking began; while it is off, nowhere
  let here = 0;
  let isLive = Boolean(ask);
  let waits = null; // for what the session was asked last
  let isChoosing = false;

  const head = h("span");
  const text = h("p", { class: "mt-question", "aria-live": "polite" });
  const field = h("input", { type: "text", "aria-label": "Your answer", autocomplete: "off", spellcheck: "false" });
  const submit = press("mt-submit", "Answer");
  const form = h("div", { class: "mt-answer" }, field, submit); // no <form>: a page around may keep those from being sent
  const choices = h("div", { class: "mt-choices", role: "group", "aria-label": "Choose one" });
  const goOn = press("mt-go-on", "Go on", "Walk this step");
  const choose = press("mt-choose", "");
  const hint = press("mt-hint-please", "Hint", "The rule");
  const show = press("mt-show", "Show it", "The question counts as asked, and not as answered");
  const verdict = h("p", { class: "mt-verdict", role: "status" });
  section.replaceChildren(heading(head), text, form, choices, h("div", { class: "mt-helps" }, goOn, choose, hint, show), verdict);

  const isOn = () => from < Infinity;
  const at = (k) => known.get(k) ?? [];
  const now = () => at(here).find((each) => each.open);
  const holds = (k) => isOn() && k >= Math.max(from, 0) && k < steps && limit(known, k, k + 1) === k;

  function learn({ questions, mistakes, covers, score: counted, ask: position }) {
    if (position === undefined) for (let k = 0; k < steps; k++) known.set(k, k < covers ? at(k) : []);
    else known.set(position, []);
    for (const each of questions) known.get(each.position).push({ ...each });
    [causes, score] = [mistakes, counted];
  }

  function needs(k) {
    if (!isOn() || known.has(k) || k < 0 || k >= steps || !isLive || waits === `ask ${k}`) return;
    waits = `ask ${k}`;
    ask({ ask: k });
  }

  // ---- what is shown ----

  function fill() {
    const question = now();
    const isDone = !question;
    const before = at(here).filter((each) => !each.open).length;
    head.textContent = isDone ? "Answered" : `What comes next? Question ${before + 1} of ${at(here).length} at this step`;
    if (text.textContent !== (question?.text ?? "")) text.textContent = question?.text ?? "";
    if (!known.has(here))
      text.textContent = isLive ? "Asking the session …" : "No session can be asked: switch Predict off to go on.";
    const mayType = question && canBeTyped(question);
    const asChoice = question && (isChoosing || !mayType);
    form.hidden = !question || asChoice;
    choices.hidden = !asChoice;
    if (asChoice && choices.dataset.of !== String(question.question)) list(question);
    field.placeholder = question?.shape.length ? "1 2; 3 4   or   1 everywhere" : "4.5   or   9/2";
    choose.textContent = isChoosing ? "Type it" : "Choose";
    choose.title = isChoosing ? "Enter the numbers" : "Choose among plausible answers";
    choose.hidden = !mayType;
    for (const each of [hint, show]) each.hidden = isDone;
    goOn.hidden = !isDone || !known.has(here);
  }

  function list(question) {
    choices.dataset.of = question.question;
    choices.replaceChildren(
      ...question.choices.map((each, i) => {
        const choice = press("mt-choice", each.text);
        choice.addEventListener("click", () => choice.getAttribute("aria-disabled") || answer({ choice: i }, choice));
        return choice;
      }),
    );
  }

  function say(words, state = "") {
    verdict.textContent = words;
    verdict.dataset.state = state;
    reveal(section, verdict);
  }

  function focus() {
    const target = [goOn, field, choices.firstChild].find((each) => each?.checkVisibility());
    (target ?? section).focus();
  }

  // ---- what the reader does ----

  function answer(given, choice) {
    const question = now();
    if (!question) return;
    choice?.setAttribute("aria-disabled", "true");
    if (isLive) {
      waits = `question ${question.question}`;
      ask({ question: question.question, ...given });
      return;
    }
    if (given.reveal) {
      score = giveUp(score, question);
      judged(question, { right: null, text: `${question.solution}.`, hint: "" });
      return;
    }
    const said = given.answer === undefined ? judgeChoice(question, causes, given.choice) : judge(question, causes, given.answer);
    score = count(score, question, said);
    judged(question, said);
  }

  function judged(question, { right, text: words, hint: rule }) {
    const isNow = at(here).includes(question);
    if (isNow) {
      const isLast = question.open || !now();
      say(
        isLast || !right ? [words, rule].filter(Boolean).join(" ") : "Right.",
        right ? "right" : question.open ? "wrong" : "shown",
      );
      if (!question.open) field.value = "";
    }
    changed();
  }

  /** Show it, and let the keyboard go on where it was. */
  function changed() {
    const hadFocus = section.contains(section.getRootNode().activeElement);
    told();
    if (hadFocus) focus();
  }

  submit.addEventListener("click", () => answer({ answer: field.value }));
  field.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), submit.click()));
  choose.addEventListener("click", () => ((isChoosing = !isChoosing), fill()));
  hint.addEventListener("click", () => say(now()?.hint ?? ""));
  show.addEventListener("click", () => answer({ reveal: true }));
  goOn.addEventListener("click", () => (next(), focus()));
  if (quiz) learn(quiz);

  return {
    holds,
    focus,
    isOn,
    /** Begin at a position, or (null) end. */
    begin(k) {
      from = k ?? Infinity;
      say("");
    },
    /** How far one may go, to get somewhere. */
    limit(wanted) {
      const to = Math.min(wanted, steps);
      const found = isOn() ? limit(known, Math.max(from, 0), to) : to;
      return found < to ? found : wanted;
    },
    /** Show what there is to ask at a position; whether there is anything. */
    show(k) {
      if (k !== here) say("");
      if (k !== here) field.value = "";
      here = k;
      needs(k);
      fill();
      return holds(k) || verdict.textContent !== "";
    },
    hear(message) {
      if ("ask" in message) {
        learn(message);
        changed();
        return;
      }
      const question = [...known.values()].flat().find((each) => each.question === message.question);
      score = message.score;
      waits = null;
      if (!question) return;
      question.open = message.open;
      judged(question, message);
    },
    setLive(on) {
      isLive = on && Boolean(ask);
    },
    /** How it goes, in words. */
    score() {
      if (!isOn() || !score) return "";
      const { asked, right, right_at_first_try: first } = score;
      return asked ? `${right} of ${asked} right, ${first} at the first try` : "0 asked";
    },
  };
}
