export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The daemon's own log: one line an entry, structured. Entries below the set level cost a comparison. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
