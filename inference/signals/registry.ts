export { framing } from "./framing.ts";
export { pace } from "./pace.ts";
export { soundQuality } from "./soundQuality.ts";
export { transcript } from "./transcript.ts";
export { voiceActivity } from "./voiceActivity.ts";
