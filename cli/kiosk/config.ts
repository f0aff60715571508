import { z } from "zod";
import { type ConfigOf, defineConfig } from "../../runtime/config.ts";

/**
 * Cage shows one program on the whole screen; it wants a session bus. Chromium without anything that leaves the page, asks,
 * or calls home. Its profile stands in memory and goes with the unit: a browser keeps nothing of a candidate.
 */
const browser = [
  "dbus-run-session",
  "--",
  "cage",
  "--",
  "chromium",
  "--kiosk",
  "--start-fullscreen",
  "--ozone-platform=wayland",
  "--password-store=basic",
  "--test-type",
  "--no-first-run",
  "--noerrdialogs",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-pinch",
  "--autoplay-policy=no-user-gesture-required",
  "--user-data-dir=/run/candor-kiosk/profile",
];

/** The keys of the kiosk: kiosk.json, CANDOR_KIOSK_…, flags of `candor kiosk`. */
export const kioskConfig = defineConfig("kiosk", {
  runDirectory: { doc: "Where the agent leaves its ready file.", format: "folder", default: "/run/candor" },
  browserCommand: {
    doc: "The program that shows the page and its arguments, a JSON list; the page's address follows them.",
    format: z.array(z.string().min(1)).min(1),
    default: browser,
  },
  silenceSeconds: {
    doc: "How long the page may give no sign of life before the browser is started again.",
    format: { unit: "seconds", from: 1, to: 600, whole: true },
    default: 20,
  },
  startSeconds: {
    doc: "How long a browser may take until its page gives the first sign of life.",
    format: { unit: "seconds", from: 1, to: 600, whole: true },
    default: 90,
  },
  logLevel: {
    doc: "Least severe log line that is written.",
    format: ["debug", "info", "warn", "error"],
    default: "info",
  },
});
export type KioskConfig = ConfigOf<typeof kioskConfig>;
