import { fault, parseInstant, type Instant } from "#base";
import type { QueryKind } from "#wire";

const falseTexts = new Set(["", "0", "no", "false", "none"]);

/** Reads the parameters that a route declares; others are ignored, as Docker does. @throws internal, Docker's own answer to a bad number */
export function readQuery(declared: Readonly<Record<string, QueryKind>>, search: URLSearchParams): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(declared).map(([name, kind]) => [name, readParameter(kind, name, search)]));
}

function readParameter(kind: QueryKind, name: string, search: URLSearchParams): unknown {
  const text = search.get(name) ?? undefined;
  switch (kind) {
    case "flag":
      return text !== undefined && isTrue(text);
    case "flag-on":
      return text === undefined || isTrue(text);
    case "int":
      return text === undefined || text === "" ? undefined : readInteger(text, "Atoi");
    case "text":
      return text;
    case "texts":
      return search.getAll(name);
    default:
      return kind satisfies never;
  }
}

function isTrue(text: string): boolean {
  return !falseTexts.has(text.trim().toLowerCase());
}

/** Docker answers 500 to a number that is none; so do we, in its words. @throws internal */
export function readInteger(text: string, reader: "Atoi" | "ParseInt"): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw fault("internal", `strconv.${reader}: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw fault("internal", `strconv.${reader}: parsing ${JSON.stringify(text)}: value out of range`);
  return value;
}

/** Unix seconds with a fraction of any length, or RFC 3339, which Docker takes from its own client only. @throws internal, as Docker does */
export function readInstant(text: string): Instant {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  const [seconds = "", fraction = ""] = text.split(".");
  const nanos = readInteger((fraction || "0").padEnd(9, "0").slice(0, 9), "ParseInt");
  return BigInt(readInteger(seconds, "ParseInt")) * 1_000_000_000n + BigInt(nanos);
}

/** Rows or columns of a terminal: uint32. @throws invalid, in Docker's words */
export function readExtent(name: "height" | "width", text: string | undefined): number {
  const given = text ?? "";
  if (!/^-?[0-9]+$/.test(given)) throw fault("invalid", `invalid resize ${name} ${JSON.stringify(given)}: invalid syntax`);
  const value = Number(given);
  if (value < 0 || value > 0xffff_ffff) throw fault("invalid", `invalid resize ${name} ${JSON.stringify(given)}: value out of range`);
  return value;
}
