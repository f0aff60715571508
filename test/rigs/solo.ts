import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentConfig } from "../../agent/config.ts";
import { type Agent, startAgent } from "../../agent/main.ts";
import { type CaptureRequest, captureRequest } from "../../contracts/capture.ts";
import { openBoardBench } from "../../drivers/emulator/bench.ts";
import { type Channel, serveChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { loadConfig } from "../../runtime/config.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { silentLog } from "../../runtime/log.ts";
import { eventually } from "../device/waiting.ts";
import { makeRig } from "./agent.ts";

/** An agent alone with an emulated board: no centre, no recorders, no inference. */
export async function openSolo() {
  const scratch = await mkdtemp(join(tmpdir(), "candor-solo-"));
  const bench = await openBoardBench();
  const { identity } = await makeRig();
  const [identityDirectory, runDirectory] = [join(scratch, "identity"), join(scratch, "run")];
  await writeDurably(join(identityDirectory, "identity.json"), JSON.stringify(identity));
  const config = loadConfig(agentConfig, {
    flags: {
      board: "emulated",
      stateDirectory: join(scratch, "state"),
      runDirectory,
      identityDirectory,
      boardOptions: JSON.stringify({ folder: bench.folder }),
      externalParts: true,
    },
  });
  let camera: Channel<CaptureRequest> | undefined;
  const path = join(runDirectory, "camera.sock");
  const onOpen = (channel: Channel<CaptureRequest>): void => {
    camera = channel;
  };
  const served = await serveChannel({ path, incoming: captureRequest, onOpen });
  return {
    ...bench,
    scratch,
    runDirectory,
    agent: (): Promise<Agent> => startAgent({ config, clock: systemClock, log: silentLog() }),
    /** What the camera's process would report of a code that is held before it. */
    showCode: async (text: string): Promise<void> => {
      const there = await eventually({ what: "the agent at the camera's socket" }, () => camera);
      there.send({ report: "code", stream: "camera", text });
    },
    close: async (): Promise<void> => {
      await served.close();
      await bench.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
