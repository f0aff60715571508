import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { deadline } from "../../runtime/clock.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import { dropFormat, dropName, dropText } from "./file-drop.ts";
import { again, answerLimit, outcomeOf } from "./http.ts";
import { refused } from "./placement.ts";
import { noSuchFile, permissionDenied, SftpSession, statusOf } from "./sftp-session.ts";

const options = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(22),
    username: z.string().min(1),
    /** In OpenSSH's or PEM's form, without a passphrase. */
    privateKey: z.string().includes("PRIVATE KEY").optional(),
    password: z.string().min(1).optional(),
    /** Fingerprint of the server's key, told by its administrator: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`. */
    hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "a fingerprint such as SHA256:… of 43 characters"),
    /** Must be there. */
    folder: z.string().regex(/^\//, "an absolute path on the server, such as /results"),
    format: dropFormat,
  })
  .refine(({ privateKey, password }) => (privateKey === undefined) !== (password === undefined), {
    message: "either privateKey or password",
  });

type Dropping = { folder: string; name: string; text: string };

/** A reader sees the whole file or none: it gets its name when it is complete, and an older one keeps its own. */
async function drop(session: SftpSession, { folder, name, text }: Dropping): Promise<Outcome> {
  const path = `${folder.replace(/\/+$/, "")}/${name}`;
  const next = `${folder.replace(/\/+$/, "")}/.${name}.next`;
  const judged = (known: string): Outcome =>
    known === text
      ? { outcome: "done" }
      : refused(`another content stands at ${path}: move that file away, then replay the delivery`);
  const known = await session.read(path);
  if (known !== undefined) return judged(known);
  await session.write(next, text);
  try {
    await session.rename(next, path);
  } catch (error) {
    // Somebody was quicker, or the server fails: what stands there tells.
    const there = await session.read(path);
    if (there === undefined) throw error;
    return judged(there);
  }
  return { outcome: "done" };
}

/** What the server's own answer to a step means. @throws what is no answer of it */
function answeredBy(error: unknown, folder: string): Outcome {
  if (error instanceof Fault) throw error;
  const status = statusOf(error);
  if (status === noSuchFile) return again(`there is no folder ${folder} on the server: make it, or mount the share`);
  if (status === permissionDenied) return refused(`the server lets nobody write into ${folder}: correct its rights`);
  return again(status === undefined ? "the SFTP server is in trouble" : `the SFTP server answered ${status}`);
}

/** A file for each result in a folder of an SFTP server. */
export const sftp = defineAdapter({
  name: "sftp",
  summary: "Writes each result as a JSON or CSV file into a folder of an SFTP server",
  guarantee:
    "Exactly one file for a result while the reader leaves it in place, whole or not at all; a file that the reader took away before this process could note the delivery is written once more, under the same name.",
  options,
  open: (options): Connection => {
    let session: SftpSession | undefined;
    let turn: Promise<unknown> = Promise.resolve();
    const deliver = async ({ effectKey, body }: Shipment, signal: AbortSignal): Promise<Outcome> => {
      const { folder, format } = options;
      const { text, unplaced } = dropText({ effectKey, body }, format);
      if (session?.over !== false) session = await SftpSession.open(options, signal);
      const mine = session;
      const stop = (): void => mine.close();
      signal.addEventListener("abort", stop, { once: true });
      try {
        const outcome = await drop(mine, { folder, name: dropName(effectKey, format), text });
        return outcome.outcome === "done" && unplaced.length > 0 ? { ...outcome, unplaced } : outcome;
      } catch (error) {
        return answeredBy(error, folder);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    };
    const late = (): Fault => new Fault("peer.unreachable", "no answer in time");
    const inTime = (shipment: Shipment, signal: AbortSignal): Promise<Outcome> =>
      deadline(answerLimit, late, (expired) => deliver(shipment, AbortSignal.any([expired, signal])));
    return {
      close: () => session?.close(),
      // One after the other: two of the same name would share one unfinished file.
      deliver: (shipment, signal) => {
        const work = turn.then(() => outcomeOf(() => inTime(shipment, signal), signal));
        turn = work.catch(() => undefined);
        return work;
      },
    };
  },
});
