import type { Fault } from "#base";

/** The body of every failed reply. */
export interface ErrorBody {
  readonly message: string;
}

export const statusOfFault: Readonly<Record<Fault, number>> = {
  invalid: 400,
  unauthorized: 401,
  denied: 403,
  "not-found": 404,
  "not-modified": 304,
  conflict: 409,
  unsupported: 501,
  unavailable: 503,
  internal: 500,
};

/** Which fault a status tells of; a client reads it back. */
export function faultOfStatus(status: number): Fault {
  const found = Object.entries(statusOfFault).find(([, code]) => code === status);
  return (found?.[0] as Fault | undefined) ?? (status >= 400 && status < 500 ? "invalid" : "internal");
}
