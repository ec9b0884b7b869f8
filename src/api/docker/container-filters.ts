import { EngineError, fault } from "#base";
import type { ContainerFilters, PortRange } from "#engine";
import { checkFilterKeys, flagOf, parseFilters } from "./filters.ts";
import { readInteger } from "./query.ts";

const texts = ["id", "name", "label", "status", "health", "before", "since", "ancestor", "network", "volume"];
const known = [...texts, "exited", "expose", "is-task", "publish"];
const states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const healths = ["none", "starting", "healthy", "unhealthy"];

/** Reads the filters of a list of containers. @throws invalid and, for ports, internal, in Docker's words */
export function readContainerFilters(text: string | undefined): ContainerFilters {
  const filters = parseFilters(text);
  // On Linux every container has the one isolation there is, so Docker takes the filter and looks at nothing.
  checkFilterKeys(filters, { here: [...known, "isolation"], dockers: [] });
  const exited = filters.get("exited")?.map(readExitCode);
  refuseOthers("status", "state", filters.get("status"), states);
  const isTask = flagOf(filters, "is-task");
  refuseOthers("health", "health", filters.get("health"), healths);
  const publish = filters.get("publish")?.map((value) => readPortRange("publish", value));
  const expose = filters.get("expose")?.map((value) => readPortRange("expose", value));
  return {
    ...Object.fromEntries([...filters].filter(([key, values]) => texts.includes(key) && values.length > 0)),
    ...(exited !== undefined && exited.length > 0 && { exited }),
    ...(isTask !== undefined && { isTask }),
    ...(publish !== undefined && publish.length > 0 && { publish }),
    ...(expose !== undefined && expose.length > 0 && { expose }),
  };
}

function refuseOthers(key: string, noun: string, values: readonly string[] | undefined, allowed: readonly string[]): void {
  for (const value of values ?? [])
    if (!allowed.includes(value))
      throw fault(
        "invalid",
        `invalid filter '${key}=${value}': invalid value for ${noun} (${value}): must be one of ${allowed.join(", ")}`,
      );
}

function readExitCode(text: string): number {
  try {
    return readInteger(text, "Atoi");
  } catch (error) {
    if (error instanceof EngineError) throw fault("invalid", `invalid filter 'exited=${text}': ${error.message}`, { cause: error });
    throw error;
  }
}

/** "80", "80/udp", "8000-8010/tcp". @throws internal: Docker answers 500 to a port that is none */
function readPortRange(key: string, text: string): PortRange {
  if (text.includes(":")) throw fault("internal", `filter for '${key}' should not contain ':': ${text}`);
  const [ports = "", protocol = ""] = text.split("/");
  const wrong = (reason: string): Error => fault("internal", `error while looking up for ${key} ${text}: ${reason}`);
  if (ports === "") throw wrong("Empty string specified for ports.");
  const dash = ports.indexOf("-");
  const first = readPort(dash === -1 ? ports : ports.slice(0, dash), wrong);
  const last = dash === -1 ? first : readPort(ports.slice(dash + 1), wrong);
  if (last < first) throw wrong(`Invalid range specified for the Port: ${ports}`);
  return { first, last, protocol: protocol === "" ? "tcp" : protocol };
}

function readPort(text: string, wrong: (reason: string) => Error): number {
  if (!/^[0-9]+$/.test(text)) throw wrong(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) > 65_535) throw wrong(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}
