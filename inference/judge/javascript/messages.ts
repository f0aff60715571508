import { z } from "zod";

/** Between the engine and its process: the request as one line, a first report that it is there, then one a run. */
export const childRequest = z.object({
  source: z.string(),
  inputs: z.array(z.string()),
  limits: z.object({
    cpuMillis: z.number(),
    wallMillis: z.number(),
    memoryBytes: z.number(),
    outputBytes: z.number(),
  }),
});
export type ChildRequest = z.infer<typeof childRequest>;

export const childReady = z.object({ ready: z.literal(true) });
export const childReport = z.object({
  end: z.enum(["finished", "failed", "syntax", "cpu", "wall", "memory", "output"]),
  cpuMillis: z.number(),
  wallMillis: z.number(),
  peakKilobytes: z.number(),
  output: z.string(),
  complaint: z.string(),
});
export type ChildReport = z.infer<typeof childReport>;
