import { z } from "zod";

/** The chip's label as gpiodetect prints it: names and bases of chips change with kernels. */
export const chip = z.string().min(1);
/** The line's number on its chip, as gpioinfo prints it. */
export const line = z.int().min(0);
/** The character device where the kernel has it, else sysfs; or one of them. */
export const backend = z.enum(["auto", "character", "sysfs"]).default("auto");
