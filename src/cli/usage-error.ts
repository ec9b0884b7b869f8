/** The command line is wrong: printed with the command's usage, exit code 125. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Ends the command with a code; an empty message prints nothing. */
export class ExitError extends Error {
  readonly code: number;

  constructor(code: number, message = "", options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "ExitError";
    this.code = code;
  }
}
