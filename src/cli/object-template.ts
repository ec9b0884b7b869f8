// --format of commands that print one object: Docker's client reads the daemon's JSON into a Go struct and hands that to the
// template. A command loads this file only where a template was given.
import { messageOf } from "#base";
import type { Inspected } from "./inspect-each.ts";
import { functions } from "./template/functions.ts";
import { Template } from "./template/template.ts";
import { typedValue, untypedValue } from "./template/typed-value.ts";
import { ExitError } from "./usage-error.ts";

/** Exit code for a template that cannot be read. */
const badTemplate = 64;

/** The text of a template for one object, and what went wrong on the way; Docker prints both. */
export interface Formatted {
  readonly text: string;
  readonly failure?: string;
}

export class ObjectTemplate {
  readonly #template: Template;
  readonly #type: string;

  /** `type` is Docker's name of the struct, "system.versionInfo"; `name` stands in errors. @throws ExitError with code 64 */
  constructor(format: string, type: string, name = "") {
    this.#template = parsed(format === "json" ? "{{json .}}" : format, name, "template parsing error");
    this.#type = type;
  }

  /** Of an object as JSON. */
  format(json: string): Formatted {
    const { text, failure } = this.#template.attempt(typedValue(this.#type, json), { functions, strict: false });
    return { text, ...(failure !== undefined && { failure: failure.message }) };
  }
}

/** A template for events, one after the other. It is tried on an empty one first. @throws ExitError with code 64 */
export function eventTemplate(format: string): (json: string) => string {
  const template = parsed(format === "json" ? "{{json .}}" : format, "", "Error parsing format");
  const ofEvent = (json: string): string => template.execute(typedValue("*events.Message", json));
  try {
    ofEvent("{}");
  } catch (error) {
    throw new ExitError(badTemplate, `Error parsing format: ${messageOf(error)}`, { cause: error });
  }
  return ofEvent;
}

/**
 * A template for `inspect`: what the struct of that type does not know is looked for in the JSON itself, where a key that
 * is not there is an error. @throws ExitError with code 64
 */
export function inspectTemplate(format: string): (object: Inspected) => string {
  const template = parsed(format, "", "template parsing error");
  return ({ json, type, isOwn = false }) => {
    if (type !== undefined) {
      const { text, failure } = template.attempt(typedValue(type, json), { functions, strict: false });
      if (failure === undefined) return `${text}\n`;
      if (isOwn) throw new Error(`template parsing error: ${failure.message}`, { cause: failure });
    }
    try {
      return `${template.execute(untypedValue(json), { strict: true })}\n`;
    } catch (error) {
      throw new Error(`template parsing error: ${messageOf(error)}`, { cause: error });
    }
  };
}

/** True when a template of `info` shows something that only the daemon knows. */
export function needsServer(format: string, clientFacts: string): boolean {
  if (!/\.[a-zA-Z]/.test(format)) return true;
  try {
    const template = new Template(format);
    return template.attempt(typedValue("system.sparseInfo", clientFacts), { functions, strict: false }).failure !== undefined;
  } catch {
    return true;
  }
}

function parsed(format: string, name: string, prefix: string): Template {
  try {
    return new Template(format, name);
  } catch (error) {
    throw new ExitError(badTemplate, `${prefix}: ${messageOf(error)}`, { cause: error });
  }
}
