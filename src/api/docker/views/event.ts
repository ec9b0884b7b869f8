import type { EngineEvent } from "#event";
import { exactInteger, isBelow, parseApiVersion, type ApiVersion } from "#wire";
import type { Filters } from "../filters.ts";

const createEventsSince = parseApiVersion("1.46");

/** One event as clients of any version up to 1.51 read it: the old fields beside the new. */
export function eventView(event: EngineEvent): Readonly<Record<string, unknown>> {
  const image = event.attributes["image"];
  const isOld = event.type === "container" || event.type === "image";
  return {
    ...(isOld && { status: event.action, id: event.actorId }),
    ...(event.type === "container" && image !== undefined && { from: image }),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.actorId, Attributes: sorted(event.attributes) },
    scope: "local",
    time: Number(event.at / 1_000_000_000n),
    timeNano: exactInteger(event.at),
  };
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
      return values.some((value) => event.action === value || event.action.split(":")[0] === value);
    case "type":
      return values.includes(event.type);
    case "scope":
      return values.includes("local");
    case "label":
      return values.every((value) => matchesLabel(event.attributes, value));
    case "image":
      return matchesImage(event, values);
    case "container":
    case "network":
    case "volume":
    case "daemon":
      return event.type === key && matchesActor(event, values);
    default:
      // Docker ignores what it does not know.
      return !["config", "node", "plugin", "secret", "service"].includes(key);
  }
}

function matchesActor(event: EngineEvent, values: readonly string[]): boolean {
  const name = event.attributes["name"];
  return values.some((value) => event.actorId.startsWith(value) || name === value || `/${name}` === value);
}

function matchesImage(event: EngineEvent, values: readonly string[]): boolean {
  const names = [
    event.type === "image" ? event.actorId : "",
    event.attributes["image"] ?? "",
    event.type === "image" ? (event.attributes["name"] ?? "") : "",
  ];
  const known = new Set(names.flatMap((name) => [name, name.replace(/:[^/:]*$/, "")]).filter((name) => name !== ""));
  return values.some((value) => known.has(value) || known.has(value.replace(/:[^/:]*$/, "")));
}

function matchesLabel(attributes: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf("=");
  if (equals === -1) return Object.hasOwn(attributes, wanted);
  return attributes[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

function sorted(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1)));
}
