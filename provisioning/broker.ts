import { chmod, mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { deviceId, tenantId } from "../contracts/ids.ts";
import { topics } from "../contracts/topics.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import type { Credential } from "./authority.ts";

/** Whom the broker lets speak for itself. */
export const brokerDevice = z.object({ tenantId, deviceId });
export type BrokerDevice = z.infer<typeof brokerDevice>;

export type BrokerFiles = {
  /** Holds all of it; the broker's own data goes to `data` within. */
  directory: string;
  port: number;
  authorityPem: string;
  credential: Credential;
};

/** A scorecard with its journal is well below; a larger packet ends its sender's connection. */
const largestPacketBytes = 16 * 1024 * 1024;

const files = (directory: string) => ({
  configuration: join(directory, "mosquitto.conf"),
  acl: join(directory, "acl"),
  devices: join(directory, "devices.json"),
  pid: join(directory, "mosquitto.pid"),
  authority: join(directory, "authority.pem"),
  certificate: join(directory, "broker.pem"),
  key: join(directory, "broker.key.pem"),
  data: join(directory, "data"),
});

/**
 * A device writes its own events and health and reads its own orders and receipts, nothing else; relay reads what devices
 * write and writes what they read. The user name is the certificate's CN; mosquitto takes all after `user ` as the name,
 * so `tenant:device` needs no quoting.
 */
export function brokerAcl(devices: readonly BrokerDevice[]): string {
  const lines = ["user relay", "topic read candor/v1/+/+/events", "topic read candor/v1/+/+/health"];
  lines.push("topic write candor/v1/+/+/orders", "topic write candor/v1/+/+/receipts");
  for (const { tenantId: tenant, deviceId: device } of devices)
    lines.push(
      "",
      `user ${tenant}:${device}`,
      `topic write ${topics.events(tenant, device)}`,
      `topic write ${topics.health(tenant, device)}`,
      `topic read ${topics.orders(tenant, device)}`,
      `topic read ${topics.receipts(tenant, device)}`,
    );
  return `${lines.join("\n")}\n`;
}

/** mosquitto ≥ 2.0: client certificates only, no anonymous user, no plain listener. */
function configuration(at: ReturnType<typeof files>, port: number): string {
  return [
    "per_listener_settings false",
    // Started by root, mosquitto would become a user that may not read these files.
    `user ${userInfo().username}`,
    `listener ${port}`,
    `cafile ${at.authority}`,
    `certfile ${at.certificate}`,
    `keyfile ${at.key}`,
    "tls_version tlsv1.2",
    "require_certificate true",
    "use_identity_as_username true",
    "allow_anonymous false",
    `acl_file ${at.acl}`,
    "persistence true",
    `persistence_location ${at.data}/`,
    `pid_file ${at.pid}`,
    `max_packet_size ${largestPacketBytes}`,
    "max_queued_messages 5000",
    "log_dest stderr",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "connection_messages false",
    "",
  ].join("\n");
}

/** Writes everything `mosquitto -c` needs and hands back the path of its configuration. */
export async function writeBrokerConfig(wanted: BrokerFiles & { devices?: readonly BrokerDevice[] }): Promise<string> {
  const at = files(wanted.directory);
  await mkdir(at.data, { recursive: true, mode: 0o700 });
  await writeDurably(at.authority, wanted.authorityPem);
  await writeDurably(at.certificate, wanted.credential.certificatePem);
  await writeDurably(at.key, wanted.credential.keyPem);
  await writeDevices(wanted.directory, wanted.devices ?? []);
  await writeDurably(at.configuration, configuration(at, wanted.port));
  return at.configuration;
}

async function writeDevices(directory: string, devices: readonly BrokerDevice[]): Promise<void> {
  const at = files(directory);
  await writeDurably(at.devices, `${JSON.stringify(devices, null, 2)}\n`);
  await writeDurably(at.acl, brokerAcl(devices));
  await chmod(at.acl, 0o600);
}

/** Lets one more device speak; the broker learns it on `reloadBroker`. */
export async function admitDevice(directory: string, device: BrokerDevice): Promise<void> {
  const text = (await readIfThere(files(directory).devices)) ?? "[]";
  const known = parseJson(z.array(brokerDevice), text, {
    what: "the broker's list of devices",
    otherwise: "file.unreadable",
  });
  const same = (one: BrokerDevice): boolean => one.tenantId === device.tenantId && one.deviceId === device.deviceId;
  await writeDevices(directory, [...known.filter((one) => !same(one)), device]);
}

/** Tells a running broker to read its ACL again. False when none runs from this folder. */
export async function reloadBroker(directory: string): Promise<boolean> {
  const pid = Number(await readIfThere(files(directory).pid));
  if (!Number.isInteger(pid) || pid <= 1) return false;
  // A pid file outlives a killed broker, and its number may be someone else's by now.
  const command = await readIfThere(`/proc/${pid}/cmdline`);
  if (command === undefined || !command.includes(files(directory).configuration)) return false;
  process.kill(pid, "SIGHUP");
  return true;
}
