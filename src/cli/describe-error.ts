import { messageOf } from "#base";
import { DaemonError, UnreachableError } from "#client";

/** The sentence that a user sees for whatever went wrong, in Docker's words where Docker has them. */
export function describeError(error: unknown, program: string): string {
  if (error instanceof DaemonError) return `Error response from daemon: ${error.message}`;
  if (error instanceof UnreachableError) return describeUnreachable(error, program);
  return messageOf(error);
}

function describeUnreachable(error: UnreachableError, program: string): string {
  if (error.reason !== undefined) return error.message;
  const name = program === "docker" ? "Docker" : "Gantry";
  if (error.code === "EACCES") return `permission denied while trying to connect to the ${name} daemon socket at ${error.address}`;
  return `Cannot connect to the ${name} daemon at ${error.address}. Is the ${name.toLowerCase()} daemon running?`;
}
