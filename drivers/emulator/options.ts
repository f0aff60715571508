import { join } from "node:path";
import { z } from "zod";
import type { FaultCode } from "../../contracts/fault.ts";
import { Fault } from "../../contracts/fault.ts";
import type { SourceEnd } from "../port.ts";
import { sockets } from "./protocol.ts";

/** The option that every emulated driver has: the folder of the board's sockets. */
export const folder = z.string().min(1).default("/run/candor/board");

/** What ffmpeg reads from. */
type Device = "mic" | "camera";

/** What ffmpeg reads from an emulated device. */
export const deviceUrl = (at: string, device: Device): string => `unix:${join(at, sockets[device])}`;

/** The socket is away: missing. It closed at once: held by another. It closed after it gave something: lost. */
export function blameSocket(device: Device, { received, complaint }: SourceEnd): Fault {
  const what = device === "mic" ? "microphone" : "camera";
  const code = (failure: "missing" | "busy" | "lost"): FaultCode => `${device}.${failure}`;
  const cause = complaint === "" ? undefined : complaint;
  if (received) return new Fault(code("lost"), `the ${what} went away while it was open`, { cause });
  if (/No such file|Connection refused/.test(complaint))
    return new Fault(
      code("missing"),
      `the emulated ${what} is not there: is the emulated board running, and in this folder?`,
      { cause },
    );
  return new Fault(code("busy"), `the ${what} is held by another process`, { cause });
}
