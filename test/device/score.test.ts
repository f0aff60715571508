import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { centreFiles, readHrKeys } from "../../bridge/keys.ts";
import { runCandor } from "../../cli/demo/plans.ts";
import { type InferenceReport, inferenceReport } from "../../contracts/inference.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { seconds } from "../../contracts/units.ts";
import { defaultModelsDirectory } from "../../inference/models/store.ts";
import { type Channel, connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { retry, retryPolicies } from "../../runtime/retry.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import { answerChoice, answerSpoken, arrive, readFeedback } from "./interview.ts";
import { journalOf, unwrapKeys } from "./journal.ts";
import { shortRubric } from "./order.ts";
import { openSystem, type System } from "./system.ts";
import { eventually } from "./waiting.ts";

type Inference = { channel: Channel<InferenceReport>; reports: InferenceReport[]; kill(): Promise<void> };

/** A fresh inference process, spoken to as the agent does. */
async function startInference(system: System, name: string): Promise<Inference> {
  const socket = join(system.scratch, `${name}.sock`);
  const words = [
    join(projectRoot, "cli/candor.js"),
    "inference",
    "--socket",
    socket,
    "--models",
    defaultModelsDirectory(),
    // As the emulated board's profile says.
    ...["--recogniser", "whisper-base", "--live", "zh-CN,en"],
  ];
  const child = spawnBound(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  const channel = await retry(retryPolicies.connect, { clock: systemClock }, () =>
    connectChannel({ path: socket, incoming: inferenceReport }),
  );
  const reports: InferenceReport[] = [];
  channel.onMessage((report) => reports.push(report));
  return {
    channel,
    reports,
    kill: async () => {
      channel.close();
      await stopProcess(child, systemClock, { signal: "SIGKILL" });
    },
  };
}

type Recording = { card: Scorecard; folder: string; key: string; rubric: Rubric };

/** Feeds one answer's recording; `upTo` pieces only, where a test wants to stop in the middle. */
function feed({ channel }: Inference, { card, folder, key, rubric }: Recording, upTo = Number.POSITIVE_INFINITY): void {
  channel.send({
    do: "open",
    sessionId: card.sessionId,
    folder,
    key,
    language: card.language,
    rubric,
    sessionStart: 0,
  });
  for (const answer of card.answers) {
    if (answer.kind === "choice") {
      channel.send({
        do: "choice",
        answerId: answer.answerId,
        questionId: answer.questionId,
        chosen: answer.chosen ?? [],
      });
      continue;
    }
    channel.send({
      do: "begin",
      answerId: answer.answerId,
      questionId: answer.questionId,
      fromMillis: answer.fromMillis,
    });
    const pieces = card.media
      .filter((one) => one.stream === "mic" && one.answerId === answer.answerId)
      .sort((a, b) => a.index - b.index);
    for (const segment of pieces.slice(0, upTo)) channel.send({ do: "segment", segment });
    if (pieces.length <= upTo) channel.send({ do: "end", answerId: answer.answerId, toMillis: answer.toMillis });
  }
}

async function canonicalOf(inference: Inference, recording: Recording): Promise<string> {
  feed(inference, recording);
  const { card } = recording;
  const scores = await eventually({ what: "every answer to be analysed", limit: seconds(90) }, () => {
    const found = card.answers.map((one) =>
      inference.reports.find((report) => report.report === "analysed" && report.answerId === one.answerId),
    );
    return found.every((one) => one !== undefined)
      ? found.map((one): AnswerScore | undefined => (one?.report === "analysed" ? one.score : undefined))
      : undefined;
  });
  inference.channel.send({ do: "score", sessionId: card.sessionId, answers: scores });
  const scored = await eventually({ what: "the session to be scored", limit: seconds(30) }, () =>
    inference.reports.find((one) => one.report === "scored"),
  );
  return scored.report === "scored" ? scored.canonical : "";
}

t.setTimeout(seconds(280));

t.test("scores the same recording twice, also after a crash of inference, to the same canonical bytes", async (t) => {
  const system = await openSystem();
  t.teardown(() => system.close());
  const { orderId } = await arrive(system);
  await answerSpoken(system, { speech: "en-backend-weak", length: 8 });
  // hr is away at the end, so that the device keeps the recording until the test has a copy.
  await system.stack.stop("hr");
  await answerChoice(system);
  await readFeedback(system);
  const copied = join(system.scratch, "sessions");
  await cp(join(system.stack.layout.state, "sessions"), copied, { recursive: true });
  await system.stack.start("hr");
  const { scorecard: card } = await system.centre.scorecardOf(orderId);
  const { events } = await journalOf(card, system.stack.layout.centre);
  const scored = events.findLast((one) => one.type === "scored");
  const onDevice = scored?.type === "scored" ? scored.content?.canonical : undefined;
  t.ok(onDevice, "the device's journal holds the canonical score");

  // What HR's API gives, and the device's own folder: all that a re-scoring by hand needs.
  const beside = join(system.scratch, "scorecard.json");
  await writeFile(beside, JSON.stringify({ scorecard: card }));
  const key = centreFiles(system.stack.layout.centre).recovery;
  const words = ["score", join(copied, card.sessionId), "--key", key, "--scorecard", beside, "--json"];
  t.match(JSON.parse(await runCandor(words)), { same: true, differences: [], damaged: [], canonical: onDevice });

  const keys = await unwrapKeys(card.wrappedKey, (await readHrKeys(system.stack.layout.centre)).encryption);
  const recording: Recording = {
    card,
    folder: join(copied, card.sessionId, "media"),
    key: keys.content?.toString("base64url") ?? "",
    rubric: shortRubric({}),
  };
  const first = await startInference(system, "first");
  t.equal(await canonicalOf(first, recording), onDevice, "a fresh process gives the device's bytes");
  await first.kill();
  const cut = await startInference(system, "cut");
  feed(cut, recording, 4);
  await systemClock.sleep(seconds(2));
  await cut.kill();
  const last = await startInference(system, "last");
  t.equal(await canonicalOf(last, recording), onDevice, "and so does the one after a kill -9 in the middle");
  await last.kill();
});

t.test("prints the same bytes for the same recording each time it is asked to score a file", async (t) => {
  const audio = join(projectRoot, "test/fixtures/speech/en-backend2-weak.opus");
  const folder = t.testdir();
  const file = join(folder, "answers.json");
  await writeFile(
    file,
    JSON.stringify({
      rubric: shortRubric({ spoken: 2, choice: false }),
      answers: [{ id: "a1", question: "disagreement", language: "en", audio }],
    }),
  );
  const [once, again] = [await runCandor(["score", file, "--json"]), await runCandor(["score", file, "--json"])];
  t.equal(once, again);
  t.match(JSON.parse(once), [{ answerId: "a1", insufficient: false }]);
});
