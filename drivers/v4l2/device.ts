import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { asFault, Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { blameDevice } from "../blame.ts";
import { list, readAttribute, readQuantity } from "../sysfs.ts";

const byName = "card:";

/** The device file of the first camera whose name in the kernel is, or begins with, the one wanted. */
async function ofCard(sys: string, wanted: string): Promise<string> {
  const folder = join(sys, "class", "video4linux");
  const nodes = (await list(folder)).toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const named = await Promise.all(
    nodes.map(async (node) => ({
      node,
      name: (await readAttribute(folder, node, "name")) ?? "",
      // A USB camera's further nodes carry its metadata and no pictures.
      first: (await readQuantity([folder, node, "index"], 1)) !== 1,
    })),
  );
  const cameras = named.filter(({ first }) => first);
  const found = cameras.find(({ name }) => name === wanted) ?? cameras.find(({ name }) => name.startsWith(wanted));
  if (found !== undefined) return `/dev/${found.node}`;
  const others = cameras.map(({ name }) => name).join(", ") || "none";
  throw new Fault("camera.missing", `no camera is named ${wanted}; those that are here: ${others}`);
}

/**
 * The device file of a camera: a path (by-id and by-path links too) or "card:" and a name.
 * @throws Fault camera.missing, camera.permission
 */
export async function deviceFile(device: string, sys = "/sys"): Promise<string> {
  const wanted = device.startsWith(byName) ? await ofCard(sys, device.slice(byName.length)) : device;
  try {
    const file = await realpath(wanted);
    await access(file, constants.R_OK | constants.W_OK);
    return file;
  } catch (error) {
    throw blameDevice("camera", device, { received: false, complaint: (error as Error).message });
  }
}

/** What isochronous transfers of one camera carry at most, in bytes a second (USB 2.0, 5.6.3; USB 3.2, 8.12.5), by `speed`. */
const busBytes: readonly (readonly [number, number])[] = [
  [12, 1_000_000],
  [480, 24_000_000],
  [Number.POSITIVE_INFINITY, 390_000_000],
];

/** Bytes a second that the camera's bus carries: bounded for USB only. */
export async function busLimit(file: string, sys = "/sys"): Promise<number> {
  const node = join(sys, "class", "video4linux", basename(file), "device");
  // `device` is the interface of a USB device; what its folder stands in is the device.
  const part = await realpath(node).catch(() => undefined);
  const speed = part === undefined ? undefined : await readQuantity([dirname(part), "speed"], 1);
  if (speed === undefined) return Number.POSITIVE_INFINITY;
  return busBytes.find(([upTo]) => speed <= upTo)?.[1] ?? Number.POSITIVE_INFINITY;
}

/** Whether the device shows what another program feeds it (v4l2loopback): the kernel's virtual devices have no parent. */
export async function isFed(file: string, sys = "/sys"): Promise<boolean> {
  const node = await realpath(join(sys, "class", "video4linux", basename(file))).catch(() => "");
  return node.includes("/devices/virtual/");
}

/** @throws Fault process.missing, camera.* */
export async function v4l2(file: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run("v4l2-ctl", ["--device", file, ...args])).toString("utf8");
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === "process.missing")
      throw new Fault("process.missing", "v4l2-ctl is not here: install the Debian package v4l-utils", {
        cause: error,
      });
    throw blameDevice("camera", file, { received: false, complaint: fault.message });
  }
}
