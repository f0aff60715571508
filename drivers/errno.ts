/** The kernel's own name for what it refused ("ENODEV"); empty for an error of another kind. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** What the kernel says, by its own name for it. */
export const errnoError = (code: string): Error => Object.assign(new Error(`the kernel says ${code}`), { code });
