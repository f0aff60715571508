import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { minutes } from "../contracts/units.ts";
import { silentLog } from "../runtime/log.ts";
import { camera, clip, connectAgent, face, Recorded } from "../test/rigs/inference.ts";
import { startInference } from "./worker.ts";

const interviews = 100;
/** After so many everything is loaded and the allocator has taken what it takes. */
const settled = 30;
/** Megabytes. A session that is kept with its engine state, sound and vectors takes about 1 each, 50 by the end. */
const mostGrowth = 30;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

t.test("the process does not grow over 100 interviews", { timeout: 290_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "candor-growth-"));
  const socket = join(folder, "inference.sock");
  const picture = await face("null", { width: 640, height: 480 });
  const pictures = await camera(join(folder, "pictures.sock"), () => picture);
  const inference = await startInference({ socket, log: silentLog() });
  const agent = await connectAgent(socket, minutes(2));
  await agent.next("ready");
  const sound = (await clip("en-service2-weak.opus")).subarray(0, 1.5 * 32_000);
  const sizes: number[] = [];
  for (let at = 0; at < interviews; at++) {
    const recorded = new Recorded(folder, `session${at}`);
    const answerId = `a${at}`;
    agent.ask(recorded.open({ plugins: at % 2 === 0 ? ["pitch"] : [] }));
    // One in five is looked at: finding faces would take most of the test's time.
    if (at % 5 === 0) agent.ask({ do: "look", on: true, from: join(folder, "pictures.sock"), sessionStart: 0 });
    agent.ask({ do: "begin", answerId, questionId: "q1", fromMillis: 0 });
    for (const segment of await recorded.seal(sound, { answerId })) agent.ask({ do: "segment", segment });
    agent.ask({ do: "end", answerId, toMillis: 1500 });
    const { score } = await agent.next("analysed");
    agent.ask({ do: "score", sessionId: recorded.sessionId, answers: [score] });
    t.equal((await agent.next("scored")).sessionId, recorded.sessionId);
    agent.ask({ do: "look", on: false }, { do: "close", sessionId: recorded.sessionId });
    sizes.push(process.memoryUsage().rss / 1e6);
  }
  const [early, late] = [median(sizes.slice(settled, settled + 20)), median(sizes.slice(-20))];
  t.comment(`${early.toFixed(0)} MB after ${settled} interviews, ${late.toFixed(0)} MB after ${interviews}`);
  t.ok(late - early < mostGrowth, `grown by ${(late - early).toFixed(1)} MB`);
  agent.close();
  pictures.close();
  await inference.close();
  await rm(folder, { recursive: true, force: true });
});
