/**
 * Every error Candor raises on purpose has one of these codes. A code says what failed; the message says
 * what to do about it; `retryable` says whether trying again without changing anything can help.
 * Adding a failure means adding a line here: nothing matches on message text.
 */
export const faults = {
  // configuration and use
  "config.unknown": { retryable: false, status: 400 },
  "config.invalid": { retryable: false, status: 400 },
  "config.secretMissing": { retryable: false, status: 400 },
  "use.invalid": { retryable: false, status: 400 },
  "file.missing": { retryable: false, status: 404 },
  "file.unreadable": { retryable: false, status: 400 },
  // what crosses a wire or a process
  "message.malformed": { retryable: false, status: 400 },
  "message.unsupportedVersion": { retryable: false, status: 400 },
  "message.tooLarge": { retryable: false, status: 413 },
  "peer.unreachable": { retryable: true, status: 502 },
  "peer.refused": { retryable: false, status: 502 },
  "peer.busy": { retryable: true, status: 503 },
  // keys, signatures, sealing
  "signature.missing": { retryable: false, status: 401 },
  "signature.invalid": { retryable: false, status: 401 },
  "certificate.untrusted": { retryable: false, status: 401 },
  "certificate.expired": { retryable: false, status: 401 },
  "seal.unreadable": { retryable: false, status: 400 },
  "key.missing": { retryable: false, status: 500 },
  "key.destroyed": { retryable: false, status: 410 },
  // orders and check-in
  "order.invalid": { retryable: false, status: 400 },
  "order.unknown": { retryable: false, status: 404 },
  "order.stale": { retryable: false, status: 409 },
  "order.cancelled": { retryable: false, status: 409 },
  "order.expired": { retryable: false, status: 409 },
  "order.finished": { retryable: false, status: 409 },
  "order.otherDevice": { retryable: false, status: 409 },
  "candidate.unknown": { retryable: false, status: 404 },
  "rubric.weights": { retryable: false, status: 400 },
  "rubric.reference": { retryable: false, status: 400 },
  "rubric.prompt": { retryable: false, status: 400 },
  "qr.malformed": { retryable: false, status: 400 },
  "qr.replayed": { retryable: false, status: 409 },
  "qr.expired": { retryable: false, status: 409 },
  "qr.early": { retryable: false, status: 409 },
  "policy.banned": { retryable: false, status: 403 },
  // access
  "token.missing": { retryable: false, status: 401 },
  "token.invalid": { retryable: false, status: 401 },
  "token.scope": { retryable: false, status: 403 },
  "account.refused": { retryable: false, status: 401 },
  "account.locked": { retryable: true, status: 429 },
  "account.exists": { retryable: false, status: 409 },
  "account.unknown": { retryable: false, status: 404 },
  "signIn.expired": { retryable: false, status: 401 },
  "csrf.missing": { retryable: false, status: 403 },
  "origin.refused": { retryable: false, status: 403 },
  // devices of the centre
  "device.unknown": { retryable: false, status: 404 },
  "device.unannounced": { retryable: true, status: 409 },
  // hardware: missing (not there), busy (held by another), permission (may not be opened), format (offers nothing usable),
  // stalled (open and silent), lost (went away while open), stuck (a contact that stays closed)
  "camera.missing": { retryable: true, status: 503 },
  "camera.busy": { retryable: true, status: 503 },
  "camera.permission": { retryable: true, status: 503 },
  "camera.format": { retryable: true, status: 503 },
  "camera.stalled": { retryable: true, status: 503 },
  "camera.lost": { retryable: true, status: 503 },
  "mic.missing": { retryable: true, status: 503 },
  "mic.busy": { retryable: true, status: 503 },
  "mic.permission": { retryable: true, status: 503 },
  "mic.format": { retryable: true, status: 503 },
  "mic.stalled": { retryable: true, status: 503 },
  "mic.lost": { retryable: true, status: 503 },
  "speaker.missing": { retryable: true, status: 503 },
  "speaker.busy": { retryable: true, status: 503 },
  "speaker.permission": { retryable: true, status: 503 },
  "speaker.format": { retryable: true, status: 503 },
  "speaker.stalled": { retryable: true, status: 503 },
  "speaker.lost": { retryable: true, status: 503 },
  "button.missing": { retryable: true, status: 503 },
  "button.busy": { retryable: true, status: 503 },
  "button.permission": { retryable: true, status: 503 },
  "button.lost": { retryable: true, status: 503 },
  "button.stuck": { retryable: true, status: 503 },
  "led.missing": { retryable: true, status: 503 },
  "led.busy": { retryable: true, status: 503 },
  "led.permission": { retryable: true, status: 503 },
  "led.format": { retryable: true, status: 503 },
  "led.lost": { retryable: true, status: 503 },
  "screen.missing": { retryable: true, status: 503 },
  "screen.permission": { retryable: true, status: 503 },
  "screen.stalled": { retryable: true, status: 503 },
  "screen.lost": { retryable: true, status: 503 },
  "sensor.missing": { retryable: true, status: 503 },
  "sensor.permission": { retryable: true, status: 503 },
  "sensor.lost": { retryable: true, status: 503 },
  "board.hot": { retryable: true, status: 503 },
  "board.warm": { retryable: true, status: 503 },
  "board.throttled": { retryable: true, status: 503 },
  "board.unrecognised": { retryable: false, status: 404 },
  // models, inference
  "model.unknown": { retryable: false, status: 404 },
  "model.missing": { retryable: false, status: 503 },
  "model.corrupt": { retryable: false, status: 503 },
  "model.unfetchable": { retryable: true, status: 502 },
  "media.unreadable": { retryable: false, status: 400 },
  "inference.lost": { retryable: true, status: 503 },
  "inference.backlog": { retryable: true, status: 503 },
  "language.unsupported": { retryable: false, status: 400 },
  // code questions: unavailable (an engine or its sandbox is not installed, or the kernel refuses it),
  // broken (a run ended without a report), lost (the judge went away)
  "judge.unavailable": { retryable: false, status: 503 },
  "judge.broken": { retryable: true, status: 503 },
  "judge.lost": { retryable: true, status: 503 },
  // storage and delivery
  "journal.broken": { retryable: false, status: 500 },
  "storage.full": { retryable: true, status: 507 },
  "storage.inUse": { retryable: true, status: 409 },
  "storage.newer": { retryable: false, status: 500 },
  "delivery.refused": { retryable: false, status: 502 },
  "delivery.failed": { retryable: true, status: 502 },
  "event.unknown": { retryable: false, status: 404 },
  "slot.unknown": { retryable: false, status: 404 },
  "slot.taken": { retryable: false, status: 409 },
  "help.taken": { retryable: false, status: 409 },
  // processes
  "process.missing": { retryable: false, status: 500 },
  "process.exited": { retryable: true, status: 503 },
  "process.stuck": { retryable: true, status: 503 },
  internal: { retryable: false, status: 500 },
} as const satisfies Record<string, { retryable: boolean; status: number }>;

export type FaultCode = keyof typeof faults;

/** `field` names the input that is at fault, in dotted form (`rubric.competencies[1].weight`). */
export type FaultDetails = { cause?: unknown; field?: string };

/** The one error class. `message` is a sentence for a person and holds no personal data. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly field: string | undefined;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Fault";
    this.code = code;
    this.field = details.field;
  }

  get retryable(): boolean {
    return faults[this.code].retryable;
  }

  /** The HTTP status that says the same. */
  get status(): number {
    return faults[this.code].status;
  }

  toJSON(): { code: FaultCode; message: string; field?: string } {
    return this.field === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, field: this.field };
  }
}

/** Any thrown thing as a Fault; what is not one already becomes `otherwise` with the original as its cause. */
export function asFault(error: unknown, otherwise: FaultCode = "internal"): Fault {
  if (error instanceof Fault) return error;
  return new Fault(otherwise, error instanceof Error ? error.message : String(error), { cause: error });
}
