import { Machine } from "../machine.ts";
import { type HostCentre, openHostCentre } from "../parts/centre.ts";
import { Device, type DeviceOptions } from "../parts/device.ts";

/** Tells one result at once, so that a long run can be watched. */
export type Tell = (passed: boolean, name: string, why?: string) => void;

export type PlanOptions = {
  disks: string;
  tell: Tell;
  /** Losses of power. */
  points: number;
  /** Of everything drawn by chance; printed, so that a run can be had again. */
  seed: number;
  /** Takes the device's syncing away: the losses of power must be seen then. */
  withoutFsync: boolean;
};

/** One of the bench's plans: what it shows, and how. */
export type Plan = {
  name: string;
  summary: string;
  /** What it took on two idle x86-64 cores, rounded up; of what is repeated, once. */
  minutes: number;
  run(options: PlanOptions): Promise<void>;
};

/** Runs the work on a machine that goes whatever becomes of it. */
export async function onMachine(machine: Machine, work: () => Promise<void>): Promise<void> {
  try {
    await machine.boot();
    await work();
  } finally {
    await machine.close();
  }
}

export type Scene = { host: HostCentre; machine: Machine; device: Device };

/** Runs the work on a machine that is a device, with the centre on the host; both go whatever becomes of it. */
export async function onDevice(
  { disks, kernel, ...options }: { disks: string; kernel?: string } & DeviceOptions,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const host = await openHostCentre();
  try {
    const machine = await Machine.create({ disks, ...(kernel === undefined ? {} : { kernel }) });
    const device = new Device(machine, host, options);
    await onMachine(machine, () => work({ host, machine, device }));
  } finally {
    await host.close();
  }
}

/** A step of a plan: its end is a result, and its failure ends the plan. */
export async function step<T>(tell: Tell, name: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    tell(true, name);
    return result;
  } catch (error) {
    tell(false, name, error instanceof Error ? error.message : String(error));
    throw new PlanEnded(name);
  }
}

/** A plan's step has failed and was told: what would follow has no ground to stand on. */
export class PlanEnded extends Error {
  constructor(name: string) {
    super(`ended at: ${name}`);
    this.name = "PlanEnded";
  }
}
