import { matchesLabel } from "#base";
import type { EngineEvent } from "#event";
import { exactInteger, isBelow, parseApiVersion, type ApiVersion } from "#wire";
import type { Filters } from "../filters.ts";

const createEventsSince = parseApiVersion("1.46");

/** One event as clients of any version up to 1.51 read it: the old fields beside the new. */
export function eventView(event: EngineEvent): Readonly<Record<string, unknown>> {
  const image = event.attributes["image"];
  const isOld = event.type === "container" || event.type === "image";
  return {
    ...(isOld && { status: event.action, ...(event.actorId !== "" && { id: event.actorId }) }),
    ...(event.type === "container" && image !== undefined && image !== "" && { from: image }),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.actorId, Attributes: sorted(event.attributes) },
    scope: "local",
    time: Number(event.at / 1_000_000_000n),
    timeNano: exactInteger(event.at),
  };
}

const encoded = new WeakMap<EngineEvent, Uint8Array>();

/** The event as a line, encoded once for all who listen. */
export function encodeEvent(event: EngineEvent): Uint8Array {
  const known = encoded.get(event);
  if (known !== undefined) return known;
  const line = Buffer.from(`${JSON.stringify(eventView(event))}\n`);
  encoded.set(event, line);
  return line;
}

/** Whether a client asked for this event. Values of one key are alternatives, keys are conditions. */
export function matchesEvent(event: EngineEvent, filters: Filters, version: ApiVersion): boolean {
  if (event.type === "image" && event.action === "create" && isBelow(version, createEventsSince)) return false;
  for (const [key, values] of filters) if (values.length > 0 && !matchesKey(event, key, values)) return false;
  return true;
}

function matchesKey(event: EngineEvent, key: string, values: readonly string[]): boolean {
  switch (key) {
    case "event":
      // With one of these among the filters Docker takes each of them for a beginning.
      return values.some((value) => fuzzyActions.has(value))
        ? values.some((value) => event.action.startsWith(value))
        : values.includes(event.action);
    case "type":
      return values.includes(event.type);
    case "scope":
      return values.includes("local");
    case "label":
      return values.every((value) => matchesLabel(event.attributes, value));
    case "image":
      return matchesImage(event, values);
    default:
      // A name or the beginning of one, whatever the event is about. Keys that Docker does not know it passes over.
      return (
        !named.has(key) || values.some((value) => event.actorId.startsWith(value) || (event.attributes["name"] ?? "").startsWith(value))
      );
  }
}

const fuzzyActions = new Set(["health_status", "exec_create", "exec_start"]);
const named = new Set(["config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume"]);

function matchesImage(event: EngineEvent, values: readonly string[]): boolean {
  const name = event.attributes[event.type === "image" ? "name" : "image"] ?? "";
  const known = [event.actorId, name, withoutTag(event.actorId), withoutTag(name)];
  return values.some((value) => known.includes(value));
}

function withoutTag(name: string): string {
  return name.replace(/:[^/:]*$/, "");
}

function sorted(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1)));
}
