/** What kind of failure it is; the edge turns it into a status code, nobody branches on text. */
export type Fault =
  | "invalid"
  | "unauthorized"
  | "denied"
  | "not-found"
  | "not-modified"
  | "conflict"
  | "unsupported"
  | "unavailable"
  | "internal";

interface ErrorDetails {
  readonly cause?: unknown;
}

/** The one error the engine throws on purpose; anything else that escapes is a bug. */
export class EngineError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.name = "EngineError";
    this.fault = fault;
  }
}

/** Shorthand for throw sites: `throw fault("not-found", "no such image: x")`. */
export function fault(kind: Fault, message: string, details: ErrorDetails = {}): EngineError {
  return new EngineError(kind, message, details);
}

/** True when `error` is an EngineError of the given kind. */
export function isFault(error: unknown, kind: Fault): error is EngineError {
  return error instanceof EngineError && error.fault === kind;
}

/** The text of whatever was thrown, for joining it into a longer sentence. */
export function messageOf(error: unknown): string {
  // Of two errors the first one is the cause: the other came while it was being cleaned up after.
  if (error instanceof SuppressedError) return messageOf(error.suppressed);
  return error instanceof Error ? error.message : String(error);
}
