import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Resolved, resolveBoard } from "../cli/board/resolved.ts";
import { Fault } from "../contracts/fault.ts";
import { readIdentity } from "../provisioning/enrol.ts";
import type { Clock } from "../runtime/clock.ts";
import { removeDurably, writeDurably } from "../runtime/durable.ts";
import { holdAlone } from "../runtime/lock.ts";
import type { Log } from "../runtime/log.ts";
import { parseJson } from "../runtime/parse.ts";
import { type Part, type Running, startParts } from "../runtime/parts.ts";
import { projectRoot } from "../runtime/paths.ts";
import { BoardPart } from "./board.ts";
import { readWording } from "./catalogue.ts";
import { bootId, CentreTime } from "./centreTime.ts";
import { NonceLedger } from "./checkIn.ts";
import type { AgentConfig } from "./config.ts";
import { Dimmer } from "./dimmer.ts";
import { Health, type HealthDocument } from "./health.ts";
import { healthPart, part, retentionPart } from "./housekeeping.ts";
import { Link } from "./link.ts";
import { Orders } from "./orders.ts";
import { Outbox } from "./outbox.ts";
import { buttonsPart, StatusLight } from "./panel.ts";
import { Processes } from "./processes.ts";
import { Reception } from "./reception.ts";
import { Screen } from "./screen.ts";
import { SessionStore } from "./sessionStore.ts";
import { SpeakerPart } from "./speaker.ts";
import type { StatusLook } from "./statusLook.ts";
import { Watchdog } from "./watchdog.ts";

export type AgentOptions = { config: AgentConfig; clock: Clock; log: Log };
type Equipped = AgentOptions & { resolved: Resolved };
/** `startedAt`: monotonic milliseconds at which this process began, to say how long the start took. */
export type Agent = Running & { readonly ready: ReadyFile };
export type ReadyFile = { screenUrl: string; origin: string; token: string; pid: number; startedInMillis: number };

const packageFile = z.looseObject({ version: z.string() });

async function softwareVersion(): Promise<string> {
  return parseJson(packageFile, await readFile(join(projectRoot, "package.json")), { what: "package.json" }).version;
}

/** What is mounted on the board, with its options. Loaded late: drivers are of no use to the first page. */
async function mountsOf({ config, resolved, clock, log }: Equipped) {
  const [{ mountsOf: mounted }, { openMount }] = await Promise.all([
    import("../cli/board/mounted.ts"),
    import("../drivers/mount.ts"),
  ]);
  return { mounts: mounted(resolved, config.boardOptions), openMount, context: { clock, log } };
}

/** Sensors, disk and clock of the board. */
function boardPart(options: Equipped, health: Health): BoardPart {
  const { stateDirectory, storageWarnMegabytes } = options.config;
  const mounted = async () => {
    const { mounts, openMount, context } = await mountsOf(options);
    return {
      sensors: Object.values(mounts.sensors ?? {}).map((one) => () => openMount("sensor", one, context)),
      thermal: options.resolved.board.thermal,
    };
  };
  return new BoardPart({ clock: options.clock, health, stateDirectory, storageWarnMegabytes, mounted });
}

function dimmerOf(options: Equipped, health: Health): Dimmer {
  const { screenIdleMinutes, screenBrightness } = options.config;
  const open = async () => {
    const { mounts, openMount, context } = await mountsOf(options);
    return mounts.screen === undefined ? undefined : openMount("screen", mounts.screen, context);
  };
  return new Dimmer({
    clock: options.clock,
    health,
    idleMinutes: screenIdleMinutes,
    brightness: screenBrightness,
    open,
  });
}

async function loadButtons(options: Equipped) {
  const [{ mounts, context }, { openButtons }] = await Promise.all([
    mountsOf(options),
    import("../drivers/buttons.ts"),
  ]);
  return (handlers: Omit<Parameters<typeof openButtons>[1], "clock" | "log">) =>
    openButtons(mounts.buttons, { ...context, ...handlers });
}

async function loadLight(options: Equipped) {
  const [{ mounts, context }, { Light }] = await Promise.all([mountsOf(options), import("../drivers/light/light.ts")]);
  const mount = mounts.leds["status"];
  return mount === undefined ? undefined : new Light<StatusLook>(mount, context);
}

/** Reads the questions out, where the board has a speaker. */
function speakerPart(options: Equipped, health: Health): SpeakerPart {
  const { config, clock, log } = options;
  return new SpeakerPart({
    clock,
    log,
    health,
    volume: config.speakerVolume,
    duckedShare: config.speakerDuckedShare,
    open: async () => {
      const { mounts, openMount, context } = await mountsOf(options);
      if (mounts.speaker === undefined || config.speakerVolume === 0) return undefined;
      return openMount("speaker", mounts.speaker, context);
    },
    keep: async (how, serve) => (await import("../drivers/keep.ts")).keepOpen(how, serve),
    synthesise: async (...words) => (await import("../inference/engines/voice/espeak.ts")).espeak(...words),
  });
}

/** All that lies on the disk and is read before anything starts. */
async function openStores({ config, clock, log }: AgentOptions) {
  const identity = await readIdentity(config.identityDirectory);
  const health = new Health({ clock, log });
  const { stateDirectory } = config;
  const boot = bootId();
  const time = new CentreTime({ stateDirectory, clock, certificatePem: identity.certificatePem });
  const orders = new Orders({ stateDirectory, identity, onTime: (issuedAt) => time.saw(issuedAt) });
  const store = new SessionStore(stateDirectory, identity);
  const wire: { link: Link | undefined } = { link: undefined };
  const outbox = new Outbox({
    stateDirectory,
    identity,
    bootId: boot,
    clock,
    log,
    quality: () => time.quality(),
    publish: async (payload) => {
      if (wire.link === undefined) throw new Fault("peer.unreachable", "this device has no broker: set brokerUrl");
      await wire.link.publish(payload);
    },
    onFault: (error) => health.count(error, "outbox"),
  });
  const [nonces, software, wording] = await Promise.all([
    NonceLedger.open(stateDirectory),
    softwareVersion(),
    readWording(),
    time.start(),
    orders.start((error) => health.count(error, "orders")),
    store.start(),
  ]);
  return { identity, health, boot, time, orders, store, outbox, nonces, software, wording, wire };
}
type Stores = Awaited<ReturnType<typeof openStores>>;

function linkTo(options: Equipped, stores: Stores & { reception: Reception; document: () => HealthDocument }): Link[] {
  const { config, resolved, clock, log } = options;
  const { identity, software, orders, outbox, time, health, store, reception, document, wire } = stores;
  if (config.brokerUrl === null) return [];
  wire.link = new Link({
    url: config.brokerUrl,
    identity,
    software,
    board: resolved.board.name,
    clock,
    log,
    orders,
    outbox,
    time,
    health,
    document,
    onAccepted: async (sessionId, eventId) => {
      await store.markAccepted(sessionId, eventId);
      // A candidate may still be reading the feedback: the session is let go when it closes.
      if (reception.current?.session.sessionId !== sessionId) await store.release(sessionId, time.atLeast());
    },
  });
  return [wire.link];
}

/**
 * Starts the agent: the page, the session that was running, then the processes around it and the wire. Ready means that
 * the page answers and a session has been taken up; models, broker and recorders come when they come.
 * @throws Fault board.unrecognised, key.missing without an identity, config.invalid, storage.inUse beside another agent
 */
export async function startAgent(given: AgentOptions): Promise<Agent> {
  const { log } = given;
  const resolved = await resolveBoard(given.config.board);
  const config = { ...given.config, board: resolved.board.name };
  const options: Equipped = { ...given, config, resolved };
  log.info({ board: config.board, by: resolved.by, profile: resolved.profile }, "the board is known");
  const readyPath = join(config.runDirectory, "agent.ready.json");
  await mkdir(config.stateDirectory, { recursive: true, mode: 0o700 });
  await mkdir(config.runDirectory, { recursive: true, mode: 0o700 });
  // Two agents on one state folder would write two histories into one journal.
  const alone = await holdAlone(config.stateDirectory);
  await removeDurably(readyPath);
  const stores = await openStores(options);
  const { screen, parts } = assemble(options, stores);
  const ready = part(
    "ready",
    () => writeDurably(readyPath, JSON.stringify(readyFile(screen))),
    () => removeDurably(readyPath),
  );
  const running = await startParts([...parts.first, ready, ...parts.then], log);
  const readied = readyFile(screen);
  log.info({ startedInMillis: readied.startedInMillis }, "the agent is ready");
  return {
    ready: readied,
    stop: async () => {
      await running.stop();
      await alone.release();
    },
  };
}

/** The parts: the page and the session first; then what may take longer, so that on few cores the page need not wait. */
function assemble(options: Equipped, stores: Stores): { screen: Screen; parts: { first: Part[]; then: Part[] } } {
  const { config, clock, log } = options;
  const { health, outbox, nonces, time, software } = stores;
  const processes = new Processes({
    config,
    profile: options.resolved.profile,
    clock,
    log,
    health,
    listener: () => reception,
  });
  const [board, dimmer] = [boardPart(options, health), dimmerOf(options, health)];
  const light = new StatusLight(() => loadLight(options));
  const speaker = speakerPart(options, health);
  const screen = new Screen({
    port: config.screenPort,
    clock,
    onRequest: (request) => {
      dimmer.wake();
      reception.ask(request);
    },
    onBeat: () => health.stamp("page"),
    onFault: (error) => health.count(error, "screen"),
  });
  const reception: Reception = receptionFor(options, {
    ...stores,
    processes,
    screen,
    board,
    dimmer,
    light,
    speaker,
  });
  const document = (): HealthDocument =>
    health.document(outbox.counts(), { software, clock: time.quality(), board: board.facts });
  const stopOutbox = (): void => outbox.stop();
  const nothing = async (): Promise<void> => undefined;
  const first = [
    part("outbox", () => outbox.start(), stopOutbox),
    part("nonces", nothing, () => nonces.close()),
    screen,
    part(
      "reception",
      () => reception.start(),
      () => reception.stop(),
    ),
  ];
  const then = [
    ...processes.parts(),
    speaker,
    buttonsPart({ health, reception, dimmer, load: () => loadButtons(options) }),
    light,
    ...linkTo(options, { ...stores, reception, document }),
    board,
    dimmer,
    healthPart({ clock, runDirectory: config.runDirectory }, { document, health }),
    retentionPart(clock, stores),
    new Watchdog({ clock, health, environment: process.env }),
  ];
  return { screen, parts: { first, then } };
}

function receptionFor(
  { config, clock }: AgentOptions,
  stores: Stores & {
    processes: Processes;
    screen: Screen;
    board: BoardPart;
    dimmer: Dimmer;
    light: StatusLight;
    speaker: SpeakerPart;
  },
): Reception {
  const { identity, outbox, orders, store, time, nonces, boot, software, wording, health, processes } = stores;
  const { screen, board, dimmer, light, speaker } = stores;
  return new Reception({
    surroundings: {
      identity,
      outbox,
      orders,
      store,
      time,
      capture: (stream, request) => processes.capture(stream, request),
      inference: (request) => processes.infer(request),
      judge: (request) => processes.judge(request),
      speaker,
      picturesPath: processes.picturesPath,
    },
    nonces,
    clock,
    bootId: boot,
    software,
    language: config.language,
    wording,
    service: () => ({ software, deviceId: identity.deviceId, ...health.summary() }),
    mayBegin: () => board.mayBegin(),
    onScene: (scene) => {
      screen.show(scene);
      dimmer.saw(scene.show);
      light.saw(scene);
    },
    onFault: (error, where) => health.count(error, where),
  });
}

const readyFile = (screen: Screen): ReadyFile => ({
  screenUrl: screen.url,
  origin: screen.origin,
  token: screen.token,
  pid: process.pid,
  startedInMillis: Math.round(process.uptime() * 1000),
});
