// The candidate's page: draws the view that the agent sends, and sends back what is pressed. It keeps
// nothing but a program while it is typed (code.js).
import { codePart } from "./code.js";

const part = (id) => document.getElementById(id);
const catalogues = {};
let view;
/** Moment of this page's clock at which the last view came: the countdown goes on from there. */
let drawnAt = 0;
let lost = false;

/** @param {string} key @param {Record<string, string | number>} [values] */
function text(key, values = {}) {
  const sentence = catalogues[view?.language ?? "zh-CN"]?.[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

const inLanguage = (localized) => localized?.[view.language] ?? localized?.["zh-CN"] ?? localized?.en ?? "";
const has = (key) => catalogues[view.language]?.[key] !== undefined;
const faultText = (code) => text(has(`fault.${code}`) ? `fault.${code}` : "fault.other");

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes > 0
    ? text("time.minutes", { minutes, seconds: whole % 60 })
    : text("time.seconds", { seconds: whole });
}

async function ask(request) {
  try {
    const answer = await fetch("/do", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    showLost(!answer.ok);
    return answer.ok;
  } catch (error) {
    console.error(error);
    showLost(true);
    return false;
  }
}
/** What is typed is told first: it is what the press hands in. */
async function press(button) {
  if (button === "start") await code.tell({ untouched: true });
  await ask({ do: "press", button });
}

function showLost(isLost) {
  lost = isLost;
  drawNote();
}

/** Sets text only where it differs, so that a screen reader does not read it again. */
function say(id, words) {
  const element = part(id);
  element.hidden = words === "";
  if (element.textContent !== words) element.textContent = words;
}

const code = codePart({ part, text, say, ask, viewNow: () => view });

/** Paragraphs as `[class, words]`; drawn anew only when they differ. */
function drawSaid(paragraphs) {
  const drawn = JSON.stringify(paragraphs);
  const said = part("said");
  if (said.dataset.drawn === drawn) return;
  said.dataset.drawn = drawn;
  said.replaceChildren(
    ...paragraphs.map(([kind, words]) => {
      const paragraph = document.createElement("p");
      paragraph.className = kind;
      paragraph.textContent = words;
      return paragraph;
    }),
  );
}

function drawActions(actions) {
  const drawn = JSON.stringify(actions);
  const place = part("actions");
  if (place.dataset.drawn === drawn) return;
  place.dataset.drawn = drawn;
  place.replaceChildren(
    ...actions.map(({ button, label, kind, key, disabled }) => {
      const element = document.createElement("button");
      element.type = "button";
      element.className = kind;
      element.disabled = disabled === true;
      if (key !== undefined) {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        element.append(cap);
      }
      element.append(label);
      element.addEventListener("click", () => press(button));
      return element;
    }),
  );
}

const start = (label, disabled = false) => ({ button: "start", label: text(label), kind: "main", disabled });

const startOf = { spoken: "button.begin", choice: "button.confirm", code: "button.handIn" };

/** For each page: its paragraphs and its buttons. */
const pages = {
  starting: () => ({ said: [["hint", text("show.starting.text")]], actions: [] }),
  waiting: () => ({ said: [["hint", text("show.waiting.text")]], actions: [] }),
  codeRefused: () => ({ said: [["", faultText(view.fault)]], actions: [start("button.back")] }),
  fault: () => ({ said: [["", faultText(view.fault)]], actions: [] }),
  notice: () => ({
    said: [
      ["hint", text("show.notice.text")],
      ["consent", inLanguage(view.notice)],
    ],
    actions: [start("button.goOn")],
  }),
  consent: () => {
    const alternative = inLanguage(view.alternative);
    const hint = view.consent.required ? text("show.consent.required", { alternative }) : text("show.consent.optional");
    return {
      step: text("show.consent.count", view.consent),
      said: [
        ["consent", inLanguage(view.consent.text)],
        ["hint", hint],
      ],
      actions: [
        // Both alike: a consent that is nudged is none.
        { button: "A", label: text("button.agree"), kind: "plain", key: "A" },
        { button: "B", label: text("button.refuse"), kind: "plain", key: "B" },
      ],
    };
  },
  check: () => {
    const ready = view.check.microphone === "good" || view.check.microphone === "tooQuiet";
    return { said: [["hint", text("show.check.text")]], actions: [start("button.goOn", !ready)] };
  },
  question: () => {
    const { question } = view;
    const limit = duration(question.answerLimitSeconds ?? 0);
    const ready = question.kind !== "choice" || (question.chosen ?? []).length > 0;
    return {
      said: [...asked(), ["hint", text(`show.question.${question.kind}`, { limit })]],
      actions: [start(startOf[question.kind], !ready)],
    };
  },
  answering: () => ({
    said: [...asked(), ["hint", text(view.recording ? "show.answering.text" : "show.answering.opening")]],
    actions: [start("button.finish")],
  }),
  routing: () => ({ said: [["hint", text("show.routing.text")]], actions: [] }),
  analysing: () => ({ said: [["hint", text("show.analysing.text")]], actions: [] }),
  feedback: () => ({
    said: [["hint", text((view.feedback ?? []).length > 0 ? "show.feedback.text" : "show.feedback.empty")]],
    actions: [start("button.close")],
  }),
  refused: () => ({ said: farewell("show.refused.text"), actions: [start("button.close")] }),
  withdrawn: () => ({ said: farewell("show.withdrawn.text"), actions: [start("button.close")] }),
  service: () => ({ said: service(), actions: [start("button.back")] }),
};

const service = () => {
  const { parts, faults } = view.service;
  return [
    ["hint", text("show.service.device", view.service)],
    ...parts.map(({ name, state, fault }) => ["", `${name}: ${text(`part.${state}`)}${fault ? ` (${fault})` : ""}`]),
    ["hint", faults.length > 0 ? text("show.service.faults") : text("show.service.noFaults")],
    ...faults.map(({ code, times }) => ["", `${code}: ${times}`]),
  ];
};
const asked = () => [
  ...(view.question.again ? [["again", text("show.question.again")]] : []),
  ["question", inLanguage(view.question.text)],
];
const farewell = (key) => [
  ["", text(key)],
  ["hint", text("show.alternative", { alternative: inLanguage(view.alternative) })],
];

function drawChecks() {
  const list = part("checks");
  list.hidden = view.check === undefined;
  if (view.check === undefined) return;
  const rows = ["microphone", "camera"].map((name) => [
    text(`check.${name}`),
    view.check[name],
    text(`check.${name}.${view.check[name]}`),
  ]);
  const drawn = JSON.stringify(rows);
  if (list.dataset.drawn === drawn) return;
  list.dataset.drawn = drawn;
  list.replaceChildren(
    ...rows.map(([name, state, words]) => {
      const row = document.createElement("li");
      const label = document.createElement("b");
      const value = document.createElement("span");
      label.textContent = name;
      value.textContent = words;
      value.className = state;
      row.append(label, value);
      return row;
    }),
  );
}

function drawOptions() {
  const place = part("options");
  const options = view.show === "question" ? view.question?.options : undefined;
  place.hidden = options === undefined;
  if (options === undefined) return;
  place.setAttribute("aria-label", text("show.question.choice"));
  const drawn = JSON.stringify([options, view.language, view.question.questionId]);
  if (place.dataset.drawn !== drawn) {
    place.dataset.drawn = drawn;
    place.replaceChildren(
      ...options.map((option) => {
        const element = document.createElement("button");
        const cap = document.createElement("kbd");
        element.type = "button";
        element.dataset.option = option.id;
        cap.textContent = option.id;
        element.append(cap, inLanguage(option.text));
        element.addEventListener("click", () => press(option.id));
        return element;
      }),
    );
  }
  for (const element of place.children)
    element.setAttribute("aria-pressed", String((view.question.chosen ?? []).includes(element.dataset.option)));
}

function drawFeedback() {
  const list = part("feedback");
  const sentences = (view.feedback ?? []).map(inLanguage);
  list.hidden = sentences.length === 0;
  list.replaceChildren(
    ...sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
}

/** The bar is empty at -60 dBFS and full at 0. */
function drawLevel() {
  const level = view.check?.level ?? view.level;
  const meter = part("level");
  meter.hidden = level === undefined;
  if (level === undefined) return;
  meter.setAttribute("aria-label", text("recording.level"));
  meter.value = Math.min(0, Math.max(-60, level));
}

function drawTime() {
  const question = view?.question;
  const running =
    (view?.show === "answering" || code.isAsked()) &&
    question?.answeredSeconds !== undefined &&
    question.answerLimitSeconds !== undefined;
  const left = running
    ? question.answerLimitSeconds - question.answeredSeconds - (performance.now() - drawnAt) / 1000
    : 0;
  say("left", running ? text("time.left", { time: duration(left) }) : "");
}

function drawNote() {
  say("note", lost ? text("connection.lost") : view?.help ? text("help.on") : "");
}

function drawFrame() {
  const between = ["starting", "waiting", "codeRefused", "fault", "service"].includes(view.show);
  const ended = ["feedback", "refused", "withdrawn"].includes(view.show);
  say("language", text("language.switch"));
  part("language").setAttribute("aria-label", text("language.switchLabel"));
  say("help", between || ended ? "" : text(view.help ? "button.helpCalled" : "button.help"));
  part("help").setAttribute("aria-pressed", String(view.help === true));
  say("repeat", view.show === "question" || view.show === "answering" ? text("button.repeat") : "");
  say("withdraw", between || ended ? "" : text("button.withdraw"));
  part("light").hidden = view.show !== "answering" && !view.recording;
  part("light").classList.toggle("on", view.recording);
  part("light").querySelector(".dot").hidden = !view.recording;
  say("light-text", text(view.recording ? "recording.on" : "recording.off"));
  if ((between || ended) && part("sure").open) part("sure").close();
}

function draw() {
  document.documentElement.lang = view.language;
  document.title = text("page.title");
  const { step = "", said, actions } = pages[view.show]();
  say("step", step);
  say("title", text(`show.${view.show}.title`, { name: view.candidateName, ...view.question }));
  drawSaid(said);
  drawActions(actions);
  drawChecks();
  drawOptions();
  code.draw();
  drawFeedback();
  drawLevel();
  say(
    "advice",
    view.advice === undefined || view.advice === "none" || view.show === "check" ? "" : text(`advice.${view.advice}`),
  );
  say(
    "trouble",
    view.fault !== undefined && pages[view.show] !== pages.codeRefused && view.show !== "fault"
      ? faultText(view.fault)
      : "",
  );
  drawFrame();
  drawTime();
  drawNote();
}

function take(next) {
  const turned = view?.show !== next.show || view?.question?.questionId !== next.question?.questionId;
  const repeated = next.question !== undefined && view?.question?.repeated !== next.question.repeated;
  // The question is put there anew when it is asked for again, so that a screen reader reads it out.
  if (repeated) part("said").dataset.drawn = "";
  view = next;
  drawnAt = performance.now();
  draw();
  if (turned) part("main").focus();
}

part("language").addEventListener("click", () =>
  ask({ do: "language", language: view.language === "en" ? "zh-CN" : "en" }),
);
part("help").addEventListener("click", () => press("help"));
part("repeat").addEventListener("click", () => press("repeat"));
part("withdraw").addEventListener("click", () => {
  part("sure-text").textContent = text("withdraw.sure");
  part("stay").textContent = text("button.stay");
  part("go").textContent = text("button.withdrawSure");
  part("sure").showModal();
});
part("stay").addEventListener("click", () => part("sure").close());
part("go").addEventListener("click", () => {
  part("sure").close();
  ask({ do: "withdraw" });
});

// The same keys as the device has buttons; Enter and Space stay with the focused button.
document.addEventListener("keydown", (event) => {
  // What is typed there is meant for the program.
  if (event.target.closest("#code")) return;
  const key = event.key.toUpperCase();
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || part("sure").open) return;
  if (["A", "B", "C", "D"].includes(key)) press(key);
  else if (key === "ENTER" && event.target === part("main")) press("start");
});

setInterval(() => code.tell(), 1000);
setInterval(drawTime, 500);
// A sign of life: whoever started the browser starts it again when this stays away. What is lost is told by the event stream.
const beat = () => fetch("/beat", { method: "POST" }).catch(() => undefined);
setInterval(beat, 5000);
beat();

for (const language of ["zh-CN", "en"])
  catalogues[language] = await (await fetch(`/catalogue/${language}.json`)).json();
const events = new EventSource("/events");
events.addEventListener("message", (event) => {
  showLost(false);
  take(JSON.parse(event.data));
});
events.addEventListener("error", () => showLost(true));
