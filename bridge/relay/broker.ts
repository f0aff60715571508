import type { Part } from "../../runtime/parts.ts";

/** `settled`: committed, or refused for good. `again`: nothing was kept, and the message must come once more. */
export type Taken = "settled" | "again";

/** What relay does with a message of a device. Never throws. */
export type Take = (topic: string, payload: Buffer) => Promise<Taken>;

/** Sends to one device's topic; resolves when the broker has it. @throws Fault peer.unreachable, message.tooLarge */
export type Publish = (topic: string, payload: string) => Promise<void>;

/** What a broker hands on, and whom it tells that it is there. */
export type BrokerUse = { take: Take; onConnect: () => void };

/** relay's only way to devices: everything else of relay knows no broker by name. */
export interface Broker {
  connected(): boolean;
  publish: Publish;
  /** Devices' events and health go to `take` from the start of the part to its end. */
  part(use: BrokerUse): Part;
}
