import { z } from "zod";
import { blameSocket, deviceUrl, folder } from "../emulator/options.ts";
import { sound } from "../emulator/protocol.ts";
import { defineDriver } from "../port.ts";

export const emulatedMic = defineDriver({
  kind: "mic",
  summary: "The microphone of the emulated board: a quiet room, and the clips that are played to it",
  options: z.strictObject({ folder }),
  open: async (options) => ({
    sampleRate: sound.sampleRate,
    input: ["-f", "s16le", "-ar", String(sound.sampleRate), "-ac", "1", "-i", deviceUrl(options.folder, "mic")],
    blame: (end) => blameSocket("mic", end),
  }),
});
