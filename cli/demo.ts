import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { Fault } from "../contracts/fault.ts";
import { type Language, languages } from "../contracts/language.ts";
import type { OrderRequest } from "../contracts/order.ts";
import type { Rubric } from "../contracts/rubric.ts";
import { type Millis, millis, seconds } from "../contracts/units.ts";
import { systemClock } from "../runtime/clock.ts";
import type { StoredScorecard } from "./demo/api.ts";
import { attendInterview, type Interview } from "./demo/candidate.ts";
import { openCatalogue, type Say, terminalLanguage } from "./demo/catalogue.ts";
import { demoOrder, lastWordLast, readRubric, scriptedAnswers } from "./demo/order.ts";
import { missingParts, scorecardTable } from "./demo/report.ts";
import { ScreenFollower } from "./demo/screen.ts";
import { type Received, removeStack, type Stack, startStack } from "./demo/stack.ts";
import { waitFor } from "./demo/wait.ts";

type Options = { language?: Language; fast?: boolean; keep?: boolean; json?: boolean; models?: string };
type Tell = (key: string, facts?: Record<string, string | number>) => void;

/** Times between presses that a person would take, and as short as the page allows. */
const readingPause = millis(1200);
const shortPause = millis(250);

/** What the HR receiver took and when, on the monotonic clock. */
type Arrival = { received: Received; at: Millis };
type Outcome = { interview: Interview; stored: StoredScorecard; arrivals: readonly Arrival[]; missing: string[] };

/** Progress goes to stdout, and to stderr where stdout is for the answer in JSON. */
function teller(say: Say, json: boolean): Tell {
  const began = systemClock.monotonic();
  const stream = json ? process.stderr : process.stdout;
  return (key, facts = {}) => {
    const at = ((systemClock.monotonic() - began) / 1000).toFixed(1).padStart(6);
    stream.write(`${at} s  ${say(key, worded(say, facts))}\n`);
  };
}

/** Facts that are words of the contracts, by the part of the catalogue that has them. */
const vocabularies: Readonly<Record<string, string>> = {
  purpose: "purpose",
  agreement: "consent",
  microphone: "check",
  camera: "check",
  state: "state",
};

function worded(say: Say, facts: Record<string, string | number>): Record<string, string | number> {
  const words = Object.entries(facts).map(([name, fact]) => {
    const vocabulary = vocabularies[name];
    return [name, vocabulary === undefined ? fact : say(`${vocabulary}.${fact}`)];
  });
  return Object.fromEntries(words);
}

/** HR posts the order; the device has it once its signed acknowledgement came back. */
async function placeOrder(stack: Stack, order: OrderRequest, tell: Tell): Promise<string> {
  const { orderId, state } = await stack.api.postOrder(order);
  tell("order.posted", { orderId, state });
  await waitFor(
    { what: "the device's acknowledgement of the order", limit: seconds(30), clock: systemClock },
    async () => {
      return (await stack.api.order(orderId)).state === "delivered" ? true : undefined;
    },
  );
  tell("order.delivered");
  return orderId;
}

type Plan = { language: Language; pause: Millis; rubric: Rubric; tell: Tell };

async function interviewOn(
  stack: Stack,
  arrivals: readonly Arrival[],
  { language, pause, rubric, tell }: Plan,
): Promise<Outcome> {
  const order = await demoOrder(systemClock, { deviceId: stack.deviceId, language, rubric });
  const orderId = await placeOrder(stack, order, tell);
  const code = join(stack.directory, "check-in.png");
  await writeFile(code, await stack.api.checkInPicture(orderId), { mode: 0o600 });
  let shown = "";
  const screen = new ScreenFollower({
    address: () => stack.screenAddress(),
    clock: systemClock,
    onView: ({ show }) => {
      if (show === "analysing" && shown !== show) tell("step.analysing");
      shown = show;
    },
  });
  screen.start();
  try {
    const answers = scriptedAnswers(rubric, { language, qualities: ["strong", "medium"] });
    const { emulator } = stack;
    const interview = await attendInterview({
      emulator,
      screen,
      clock: systemClock,
      code,
      answers,
      pause,
      onStep: tell,
    });
    const wait = { what: "the result at the HR receiver", limit: seconds(30), clock: systemClock };
    await waitFor(wait, async () => (arrivals.length > 0 ? true : undefined));
    const status = await waitFor({ ...wait, what: "the order's end" }, async () => {
      const found = await stack.api.order(orderId);
      return found.state === "done" && found.sessionId ? { sessionId: found.sessionId } : undefined;
    });
    const stored = await stack.api.scorecard(status.sessionId);
    const missing = missingParts(stored.scorecard, rubric);
    if (interview.feedback.length === 0) missing.push("feedback to the candidate");
    if (!stored.chainVerified) missing.push("a journal chain that holds");
    if (arrivals.length !== 1) missing.push(`exactly one result at HR (there are ${arrivals.length})`);
    return { interview, stored, arrivals, missing };
  } finally {
    await screen.stop();
  }
}

const asSeconds = (length: number): string => (length / 1000).toFixed(2);

function timesOf({ interview, arrivals }: Outcome): { lastWordToScoreMillis: number; scoreToHrMillis: number } {
  const arrived = arrivals[0]?.at ?? interview.scoredAt;
  return {
    lastWordToScoreMillis: Math.round(interview.scoredAt - interview.lastWordAt),
    scoreToHrMillis: Math.round(arrived - interview.scoredAt),
  };
}

function report(outcome: Outcome, { language, rubric, say }: { language: Language; rubric: Rubric; say: Say }): string {
  const { interview, stored, arrivals, missing } = outcome;
  const { scorecard: card, revision, chainVerified } = stored;
  const times = timesOf(outcome);
  const facts = {
    candidateRef: card.candidateRef,
    orderId: card.orderId,
    sessionId: card.sessionId,
    revision,
    count: arrivals.length,
  };
  const early = times.scoreToHrMillis < 0;
  return [
    "",
    say("step.feedback"),
    ...interview.feedback.map((one) => `  · ${one}`),
    "",
    say("result.title"),
    scorecardTable(card, { rubric, language, say }),
    "",
    say("result.hr"),
    `  ${say("result.hrLine", { ...facts, chain: say(chainVerified ? "chain.good" : "chain.broken") })}`,
    "",
    say("result.lastWordToScore", { seconds: asSeconds(times.lastWordToScoreMillis) }),
    early ? say("result.scoreToHrEarly") : say("result.scoreToHr", { seconds: asSeconds(times.scoreToHrMillis) }),
    ...missing.map((what) => say("result.missing", { what })),
    ...(missing.length === 0 ? [say("result.complete")] : []),
    "",
  ].join("\n");
}

function asJson(outcome: Outcome): string {
  const { stored, arrivals, missing, interview } = outcome;
  const { scorecard: card, chainVerified, receivedAt } = stored;
  return JSON.stringify({
    complete: missing.length === 0,
    missing,
    sessionId: card.sessionId,
    orderId: card.orderId,
    score: card.score,
    feedback: interview.feedback,
    receivedByHr: arrivals.map(({ received }) => ({ key: received.key, event: received.event })),
    receivedAt,
    chainVerified,
    ...timesOf(outcome),
  });
}

/** Interrupted, it ends in order: nothing is left running and nothing is left in the temporary folder. */
function rejectOnInterrupt(): Promise<never> {
  return new Promise((_, reject) => {
    for (const name of ["SIGINT", "SIGTERM"] as const)
      process.once(name, () => reject(new Fault("process.exited", `the demo was ended by ${name}`)));
  });
}

async function demonstrate({
  language = terminalLanguage(process.env),
  fast,
  keep,
  json = false,
  models,
}: Options): Promise<void> {
  const say = openCatalogue(language);
  const tell = teller(say, json);
  const rubric = lastWordLast(await readRubric());
  const arrivals: Arrival[] = [];
  const interrupted = rejectOnInterrupt();
  tell("stack.start");
  const starting = startStack({
    onProgress: tell,
    onResult: (received) => {
      arrivals.push({ received, at: systemClock.monotonic() });
      tell("result.received", { key: received.key });
    },
    ...(models === undefined ? {} : { modelsDirectory: models }),
  });
  // Interrupted before all runs, this process ends at once, and the kernel ends what it has started.
  const stack = await Promise.race([starting, interrupted]);
  let finished = false;
  try {
    const plan = { language, pause: fast ? shortPause : readingPause, rubric, tell };
    const outcome = await Promise.race([interviewOn(stack, arrivals, plan), interrupted]);
    process.stdout.write(json ? `${asJson(outcome)}\n` : report(outcome, { language, rubric, say }));
    finished = outcome.missing.length === 0;
    process.exitCode = finished ? 0 : 1;
  } finally {
    await stack.stopAll();
    // What went wrong is kept for whoever looks for the reason; it is the demo's own throw-away data.
    if (finished && !keep) await removeStack(stack);
    else process.stderr.write(`${say("kept", { directory: stack.directory })}\n`);
  }
}

export function demoCommand(): Command {
  return new Command("demo")
    .description("Let a scripted candidate be interviewed on the emulated board; everything but the hardware is real.")
    .addOption(
      new Option("--language <language>", "language of the interview (default: the terminal's)").choices(languages),
    )
    .option("--fast", "shorter pauses between the candidate's presses")
    .option("--keep", "keep the folder with keys, stores and logs")
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--json", "one JSON value on stdout, progress on stderr")
    .action(demonstrate);
}
