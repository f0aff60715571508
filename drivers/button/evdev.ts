import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { Contact } from "../contact.ts";
import { errnoOf } from "../errno.ts";
import { parseDevices } from "../input/devices.ts";
import { monotonicOf } from "../input/events.ts";
import { keyCodes } from "../input/keys.ts";
import { readEvents } from "../input/reader.ts";
import { type Button, type DriverContext, defineDriver } from "../port.ts";

const options = z.strictObject({
  /** A path ("/dev/input/by-id/usb-…-event-kbd"), or "name:" and the name that the device gives itself. */
  device: z.string().regex(/^(\/|name:.)/),
  /** The kernel's name of the key: KEY_ENTER, BTN_TRIGGER. */
  key: z.string().refine((name) => Object.hasOwn(keyCodes, name), "is no key that is known: see drivers/input/keys.ts"),
  holdMillis: z.int().min(100).default(600),
  /** Most devices debounce, as the kernel does for its own keys (gpio-keys): 25 for a box that does not. */
  chatterMillis: z.int().min(0).max(100).default(0),
  /** Where the kernel lists its input devices. */
  list: z.string().min(1).default("/proc/bus/input/devices"),
});
type Options = z.output<typeof options>;

/** Of several devices with one name, as keyboards are, the one that has the key. @throws Fault button.missing */
async function pathOf({ device, key, list }: Options): Promise<string> {
  if (!device.startsWith("name:")) return device;
  const name = device.slice("name:".length);
  const named = parseDevices(await readFile(list, "utf8")).filter((one) => one.name === name);
  const found = named.find(({ hasKey }) => hasKey(keyCodes[key] ?? -1));
  if (found === undefined && named.length > 0)
    throw new Fault("button.missing", `the input device "${name}" has no ${key}: see ${list}`);
  if (found === undefined)
    throw new Fault("button.missing", `there is no input device "${name}": plug it in, and compare with ${list}`);
  return `/dev/input/${found.event}`;
}

function refused(path: string, cause: unknown): Fault {
  if (["EACCES", "EPERM"].includes(errnoOf(cause)))
    return new Fault("button.permission", `${path} may not be opened: install the udev rules and join group "input"`, {
      cause,
    });
  return new Fault("button.missing", `there is no input device ${path}: plug it in, and see /dev/input/by-id`, {
    cause,
  });
}

/** @throws Fault button.missing, button.permission */
async function openEvdevButton(given: Options, { clock }: DriverContext): Promise<Button> {
  const path = await pathOf(given);
  const contact = new Contact({ clock, holdMillis: given.holdMillis, chatterMillis: given.chatterMillis });
  const lost: ((fault: Fault) => void)[] = [];
  const onEnd = (cause: unknown): void => {
    contact.end();
    for (const handler of lost) handler(new Fault("button.lost", `the input device ${path} went away`, { cause }));
  };
  const reader = await readEvents(path, {
    onEvents: (events) => {
      const arrival = { wall: clock.wall(), monotonic: clock.monotonic() };
      for (const event of events) {
        // Where events were lost a release may be among them: a press too few is repeated, a hold too many is acted on.
        if (event === "lost") contact.change(false, arrival.monotonic);
        else if (event.code === keyCodes[given.key] && event.value < 2)
          contact.change(event.value === 1, monotonicOf(event.atWall, arrival));
      }
    },
    onEnd,
  }).catch((error: unknown) => Promise.reject(refused(path, error)));
  return {
    onPress: (handler) => contact.onPress(handler),
    onHold: (handler) => contact.onHold(handler),
    onRelease: (handler) => contact.onRelease(handler),
    onLost: (handler) => lost.push(handler),
    close: () => {
      contact.end();
      reader.close();
    },
  };
}

export const evdevButton = defineDriver({
  kind: "button",
  summary: "A key of a keyboard or button box, through the kernel's input devices",
  options,
  open: openEvdevButton,
});
