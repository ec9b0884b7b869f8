/** The daemon answered with an error: its status and its own words. */
export class DaemonError extends Error {
  override readonly name: string = "DaemonError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** 400: the daemon does not understand the request. */
export class InvalidRequestError extends DaemonError {
  override readonly name = "InvalidRequestError";
}

/** 401 or 403: not allowed, by the daemon or by a registry behind it. */
export class DeniedError extends DaemonError {
  override readonly name = "DeniedError";
}

/** 404: no such container, image, network, ... */
export class NotFoundError extends DaemonError {
  override readonly name = "NotFoundError";
}

/** 409: the name is taken, or the thing is not in a state for this. */
export class ConflictError extends DaemonError {
  override readonly name = "ConflictError";
}

/** 501: the daemon has no such thing. */
export class UnsupportedError extends DaemonError {
  override readonly name = "UnsupportedError";
}

/** 503: not now. */
export class UnavailableError extends DaemonError {
  override readonly name = "UnavailableError";
}

const classes: Readonly<Record<number, typeof DaemonError>> = {
  400: InvalidRequestError,
  401: DeniedError,
  403: DeniedError,
  404: NotFoundError,
  409: ConflictError,
  501: UnsupportedError,
  503: UnavailableError,
};

/** The error of the class that the status asks for. */
export function daemonError(status: number, message: string): DaemonError {
  return new (classes[status] ?? DaemonError)(status, message);
}

interface Circumstances {
  readonly cause?: unknown;
  /** What stood in the way in Docker's words, when it is more than an errno. */
  readonly reason?: string;
  /** The whole sentence, where there is more to say than address and reason. */
  readonly message?: string;
}

/** No daemon could be reached at the address; `code` is the errno's name (ENOENT, ECONNREFUSED, EACCES) or that of TLS. */
export class UnreachableError extends Error {
  readonly address: string;
  readonly code: string;
  readonly reason: string | undefined;

  constructor(address: string, code: string, { cause, reason, message }: Circumstances = {}) {
    super(message ?? `cannot connect to ${address}: ${reason ?? code}`, { cause });
    this.name = "UnreachableError";
    this.address = address;
    this.code = code;
    this.reason = reason;
  }

  /** From what a socket failed of. */
  static of(address: string, error: unknown): UnreachableError {
    const code = codeOf(error);
    if (error instanceof BrokenReplyError) return new UnreachableError(address, code, { cause: error, reason: error.message });
    const unknownName = code === "ENOTFOUND" || code === "EAI_AGAIN";
    const name = /^tcp:\/\/\[?([^\]]*?)\]?:\d+$/.exec(address)?.[1] ?? address;
    return new UnreachableError(address, code, { cause: error, ...(unknownName && { reason: `dial tcp: lookup ${name}: no such host` }) });
  }
}

/** The connection ended or broke in the middle of a reply, or before it. */
export class BrokenReplyError extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "BrokenReplyError";
  }
}

/** The errno's name or the library's code of whatever was thrown; ECONNREFUSED when it has none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "ECONNREFUSED";
}
