import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { sound } from "../../test/hil/contract.ts";
import { playIntoMicrophone, plug, unplug } from "../../test/hil/guest/hardware.ts";
import { alsaMic } from "./alsa.ts";
import { micConformance } from "./conformance.ts";

micConformance(t, async () => {
  let room = await playIntoMicrophone();
  let there = true;
  return {
    slow: 4,
    open: () =>
      alsaMic.open(
        { device: sound.microphone, sampleRate: 16_000, channels: 1, take: "mix", stallMillis: 15_000 },
        { clock: systemClock, log: silentLog() },
      ),
    unplug: async () => {
      await room.stop();
      await unplug("microphone");
      there = false;
    },
    plug: async () => {
      await plug("microphone");
      there = true;
      room = await playIntoMicrophone();
    },
    close: async () => {
      await room.stop();
      if (!there) await plug("microphone");
    },
  };
});
