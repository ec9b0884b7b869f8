// What a claim that fails says, in Docker's words.
import { EngineError, fault, messageOf } from "#base";
import type { SandboxRequest } from "#network";

export function failureOf(request: SandboxRequest, cause: unknown): EngineError {
  const kind = cause instanceof EngineError ? cause.fault : "internal";
  return fault(kind, `failed to create endpoint ${nameOf(request)} on network bridge: ${messageOf(cause)}`, { cause });
}

/** For a host port that cannot be had; what is none of the engine's own errors is passed on. */
export function portFailureOf(request: SandboxRequest, endpointId: string, cause: unknown): unknown {
  if (!(cause instanceof EngineError)) return cause;
  const text = `driver failed programming external connectivity on endpoint ${nameOf(request)} (${endpointId}): ${cause.message}`;
  return fault(cause.fault, text, { cause });
}

function nameOf(request: SandboxRequest): string {
  return request.containerName ?? request.containerId;
}
