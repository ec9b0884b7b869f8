import { csvFields } from "./csv-fields.ts";
import { pairsOf, splitOnce } from "./pairs.ts";

export interface DeviceRequest {
  readonly Driver: string;
  /** -1 is all of them. */
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

/** What `--gpus` says: "all", "2", "device=0,driver=nvidia"; fields that hold commas stand in quotes. @throws Error in Docker's words */
export function parseGpuRequest(text: string): DeviceRequest {
  const said = new Map<string, string>();
  for (const field of csvFields(text)) {
    const [key, value] = splitOnce(field, "=");
    if (said.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`);
    if (!field.includes("=")) said.set("count", key);
    else if (keys.includes(key)) said.set(key, value);
    else throw new Error(`unexpected key '${key}' in '${field}'`);
  }
  const [count, device, capabilities, options] = ["count", "device", "capabilities", "options"].map((key) => said.get(key));
  return {
    Driver: said.get("driver") ?? "",
    Count: count === undefined ? (device === undefined ? 1 : 0) : parseCount(count),
    DeviceIDs: device?.split(",") ?? null,
    Capabilities: [[...(capabilities?.split(",") ?? []), "gpu"]],
    Options: options === undefined ? {} : pairsOf(csvFields(options)),
  };
}

const keys = ["driver", "count", "device", "capabilities", "options"];

function parseCount(text: string): number {
  if (text === "all") return -1;
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
  return Number(text);
}
