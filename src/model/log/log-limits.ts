import { fault } from "#base";

/** How much of a log is kept. */
export interface LogLimits {
  /** Bytes after which a file is put away; absent is never. */
  readonly maxSize?: number;
  /** Files in all, the one that is written among them. */
  readonly maxFiles: number;
}

/** Rotation is on unless somebody says otherwise: no container fills the disk with what it says (row H24). */
const usual = { maxSize: "20m", maxFiles: "5" };

const sizePattern = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i;

/** Reads `max-size` ("20m", -1 for none) and `max-file`. @throws invalid in Docker's words for what is no option of a log, or no number */
export function parseLogLimits(driver: string, options: Readonly<Record<string, string>>): LogLimits {
  const unknown = Object.keys(options).find((name) => name !== "max-size" && name !== "max-file");
  if (unknown !== undefined) throw fault("invalid", `unknown log opt '${unknown}' for ${driver} log driver`);
  const { "max-size": size = usual.maxSize, "max-file": files = usual.maxFiles } = options;
  if (!/^\d{1,9}$/.test(files)) throw fault("invalid", `strconv.Atoi: parsing ${JSON.stringify(files)}: invalid syntax`);
  if (Number(files) < 1) throw fault("invalid", "max-file cannot be less than 1");
  if (size === "-1") {
    if (options["max-file"] !== undefined && Number(files) > 1) throw fault("invalid", "max-file option requires max-size to be set");
    return { maxFiles: Number(files) };
  }
  return { maxSize: bytesOf(size), maxFiles: Number(files) };
}

function bytesOf(text: string): number {
  const [whole, number = "", unit = ""] = sizePattern.exec(text) ?? [];
  const bytes = Math.trunc(Number(number) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase()));
  if (whole === undefined) throw fault("invalid", `invalid size: '${text}'`);
  if (bytes <= 0) throw fault("invalid", "max-size must be a positive number");
  return bytes;
}
