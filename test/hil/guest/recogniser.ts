import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type InferenceRequest, inferenceReport, inferenceRequest } from "../../../contracts/inference.ts";
import { type Channel, serveChannel } from "../../../runtime/channel.ts";
import { type Carried, hostAddress } from "../contract.ts";

/**
 * Stands at inference's socket in the machine and hands every request, with the sealed sound it names, to inference on
 * the host: what an emulated processor needs minutes for. Live pictures do not leave the machine: `look` ends here.
 * recogniser.js SOCKET PORT
 */
const [socketPath = "", port = ""] = process.argv.slice(2);

function carry(channel: Channel<InferenceRequest>): void {
  const host = connect(Number(port), hostAddress);
  let folder = "";
  let turn = Promise.resolve();
  const hand = async (request: InferenceRequest): Promise<void> => {
    if (request.do === "look") return;
    if (request.do === "open") folder = request.folder;
    const carried: Carried =
      request.do === "segment"
        ? { request, sealed: (await readFile(join(folder, request.segment.file))).toString("base64") }
        : { request };
    host.write(`${JSON.stringify(carried)}\n`);
  };
  channel.onMessage((request) => {
    turn = turn.then(() => hand(request)).catch((error: unknown) => console.error(error));
  });
  createInterface({ input: host }).on("line", (line) => channel.send(inferenceReport.parse(JSON.parse(line))));
  host.on("error", (error) => console.error(error));
  host.once("close", () => channel.close());
  void channel.closed.then(() => host.destroy());
}

await serveChannel({ path: socketPath, incoming: inferenceRequest, onOpen: carry });
