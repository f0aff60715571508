import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { sound } from "../../test/hil/contract.ts";
import { listenToSpeaker, plug, unplug } from "../../test/hil/guest/hardware.ts";
import { alsaSpeaker } from "./alsa.ts";
import { loudMillis, speakerConformance } from "./conformance.ts";

speakerConformance(t, async () => {
  let there = true;
  return {
    slow: 4,
    open: () =>
      alsaSpeaker.open(
        { device: sound.speaker, sampleRate: 16_000, channels: 1, stallMillis: 30_000 },
        { clock: systemClock, log: silentLog() },
      ),
    listen: async () => {
      const ear = await listenToSpeaker();
      return { stop: async () => loudMillis(await ear.stop()) };
    },
    unplug: async () => {
      await unplug("speaker");
      there = false;
    },
    close: async () => {
      if (!there) await plug("speaker");
    },
  };
});
