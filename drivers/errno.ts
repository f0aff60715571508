/** The kernel's own name for what it refused ("ENODEV"); empty for an error of another kind. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
