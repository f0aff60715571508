import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";
import { connectChannel } from "../../runtime/channel.ts";
import type { Readings } from "../port.ts";
import { boardEvent, type DriverRequest, sockets } from "./protocol.ts";

export type ContactChange = { button: string; closed: boolean; atMonotonic: Millis };

/** A driver's connection to the emulated board, accepted by the board. */
export interface BoardLink {
  send(request: DriverRequest): void;
  onContact(handler: (change: ContactChange) => void): void;
  /** What the board's sensors read now. */
  readonly readings: Readings;
  readonly gone: boolean;
  /** Called when the board went away; not after `close`. */
  onGone(handler: () => void): void;
  close(): void;
}

/** @throws Fault peer.unreachable when the emulated board does not run in this folder */
export async function linkBoard(folder: string): Promise<BoardLink> {
  const channel = await connectChannel({ path: join(folder, sockets.board), incoming: boardEvent });
  const handlers: ((change: ContactChange) => void)[] = [];
  let closing = false;
  let gone = false;
  let readings: Readings = {};
  await new Promise<void>((resolve, reject) => {
    channel.onMessage((event) => {
      if (event.event === "welcome") resolve();
      else if (event.event === "readings") readings = event.readings;
      else for (const handler of handlers) handler(event);
    });
    void channel.closed.then(() => {
      gone = true;
      reject(new Fault("peer.unreachable", `the emulated board in ${folder} is going away`));
    });
  });
  return {
    send: (request) => channel.send(request),
    onContact: (handler) => handlers.push(handler),
    get readings() {
      return readings;
    },
    get gone() {
      return gone;
    },
    onGone: (handler) =>
      void channel.closed.then(() => {
        if (!closing) handler();
      }),
    close: () => {
      closing = true;
      channel.close();
    },
  };
}
