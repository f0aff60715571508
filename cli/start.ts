import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { type Language, languages } from "../contracts/language.ts";
import { seconds } from "../contracts/units.ts";
import { systemClock } from "../runtime/clock.ts";
import { endOfProcess } from "../runtime/parts.ts";
import { openCatalogue, type Say, terminalLanguage } from "./demo/catalogue.ts";
import { followLines } from "./demo/hand.ts";
import { demoOrder, readRubric } from "./demo/order.ts";
import { removeStack, type Stack, startStack } from "./demo/stack.ts";
import { waitFor } from "./demo/wait.ts";

type Options = { language?: Language; keep?: boolean; models?: string };

/** An order for whoever comes; its check-in code is a picture to hold before the camera. */
async function prepareOrder(stack: Stack, language: Language): Promise<string> {
  const order = await demoOrder(systemClock, { deviceId: stack.deviceId, language, rubric: await readRubric() });
  const { orderId } = await stack.api.postOrder(order);
  await waitFor(
    { what: "the device's acknowledgement of the order", limit: seconds(20), clock: systemClock },
    async () => ((await stack.api.order(orderId)).state === "delivered" ? true : undefined),
  );
  const code = join(stack.directory, "check-in.png");
  await writeFile(code, await stack.api.checkInPicture(orderId), { mode: 0o600 });
  return code;
}

async function addresses(stack: Stack, say: Say): Promise<string> {
  const token = await stack.createToken(["orders:write", "orders:read", "scorecards:read"]);
  return [
    "",
    say("start.ready"),
    say("start.screen", { url: (await stack.screenUrl()) ?? "" }),
    say("start.hr", { url: stack.api.url }),
    say("start.authority", { path: join(stack.layout.centre, "authority", "authority.pem") }),
    say("start.token", { token }),
    say("start.receiver", { url: stack.receiver.url }),
    say("start.broker", { port: stack.ports.broker }),
    say("start.board", { path: stack.layout.board }),
    say("logs", { directory: stack.layout.log }),
    "",
    say("start.hand"),
    "",
  ].join("\n");
}

async function startAndStay({ language = terminalLanguage(process.env), keep, models }: Options): Promise<void> {
  const say = openCatalogue(language);
  const line = (key: string, facts: Record<string, string | number> = {}): void => {
    process.stdout.write(`${say(key, facts)}\n`);
  };
  const ended = endOfProcess();
  line("stack.start");
  const stack = await startStack({
    onProgress: line,
    onResult: ({ key }) => line("result.received", { key }),
    ...(models === undefined ? {} : { modelsDirectory: models }),
  });
  try {
    process.stdout.write(await addresses(stack, say));
    const hand = { emulator: stack.emulator, clock: systemClock, order: () => prepareOrder(stack, language) };
    const typed = followLines(process.stdin, hand, (sentence) => process.stdout.write(`${sentence}\n`));
    // The end of the input is not the end of the stack: it may have been started without a terminal.
    await Promise.race([ended, typed.then(() => ended)]);
  } finally {
    process.stdin.destroy();
    await stack.stopAll();
    if (keep) line("kept", { directory: stack.directory });
    else await removeStack(stack);
  }
}

export function startCommand(): Command {
  return new Command("start")
    .description("Start everything on the emulated board, print the addresses of its pages, and leave it running.")
    .addOption(
      new Option("--language <language>", "language of the waiting order (default: the terminal's)").choices(languages),
    )
    .option("--keep", "keep the folder with keys, stores and logs at the end")
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .addHelpText("after", () => `\n${openCatalogue("en")("start.hand")}`)
    .action(startAndStay);
}
