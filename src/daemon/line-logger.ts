import type { LogFields, Logger } from "#base";
import type { DaemonOptions, LogLevel } from "./options/daemon-options.ts";

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** As dockerd names it in its text. */
const names: Readonly<Record<LogLevel, string>> = { debug: "debug", info: "info", warn: "warning", error: "error" };

type Format = Pick<DaemonOptions, "logLevel" | "logFormat">;

/** Writes one line a message to standard error: time, level, message, fields; as text (logfmt) or as a JSON object. */
export class LineLogger implements Logger {
  readonly #format: Format["logFormat"];
  #threshold: number;

  constructor({ logLevel, logFormat }: Format) {
    this.#format = logFormat;
    this.#threshold = order[logLevel];
  }

  /** From now on what is below `level` is left out. */
  setLevel(level: LogLevel): void {
    this.#threshold = order[level];
  }

  debug(message: string, fields?: LogFields): void {
    this.#write("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  #write(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (order[level] < this.#threshold) return;
    const time = new Date().toISOString();
    process.stderr.write(
      this.#format === "json"
        ? `${JSON.stringify({ time, level, msg: message, ...fields })}\n`
        : textLine({ time, level: names[level], msg: message, ...fields }),
    );
  }
}

/** logfmt, as dockerd's text: what holds more than plain signs stands in quotes, so that no field makes a line of its own. */
function textLine(fields: LogFields): string {
  const parts = Object.entries(fields).map(
    ([key, value]) => `${key}=${plain(typeof value === "string" ? value : (JSON.stringify(value) ?? ""))}`,
  );
  return `${parts.join(" ")}\n`;
}

function plain(value: string): string {
  return /^[\w./:@^+-]+$/.test(value) ? value : JSON.stringify(value);
}
