/** The daemon answered with an error: its status and its own words. */
export class DaemonError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "DaemonError";
    this.status = status;
  }
}

/** No daemon could be reached at the address; `code` is the errno's name (ENOENT, ECONNREFUSED, EACCES). */
export class UnreachableError extends Error {
  readonly address: string;
  readonly code: string;

  constructor(address: string, code: string, cause: unknown) {
    super(`cannot connect to ${address}: ${code}`, { cause });
    this.name = "UnreachableError";
    this.address = address;
    this.code = code;
  }
}

/** The connection ended or broke in the middle of a reply. */
export class BrokenReplyError extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "BrokenReplyError";
  }
}
