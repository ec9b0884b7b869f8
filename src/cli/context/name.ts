import { type ContextStore, defaultContext } from "./store.ts";

const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;

/** @throws Error in Docker's words when no context can have this name */
export function checkContextName(name: string): void {
  if (name === "") throw new Error("context name cannot be empty");
  if (name === defaultContext) throw new Error(`"${name}" is a reserved context name`);
  if (!pattern.test(name)) throw new Error(`context name "${name}" is invalid, names are validated against regexp "${pattern.source}"`);
}

/** @throws Error in Docker's words when a new context cannot have this name */
export function checkNewName(store: ContextStore, name: string): void {
  checkContextName(name);
  if (store.has(name)) throw new Error(`context "${name}" already exists`);
}
