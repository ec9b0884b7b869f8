import { type Container, isActive } from "#container";
import type { WaitCondition, WaitResult } from "../verbs.ts";
import type { ContainerNeeds } from "./needs.ts";

/** A wait that stands from the moment of the call; `result` resolves with its condition and rejects when the signal aborts. */
export function waitForContainer(
  needs: Pick<ContainerNeeds, "roster" | "live">,
  reference: string,
  options: { readonly condition: WaitCondition; readonly signal: AbortSignal },
): { readonly result: Promise<WaitResult> } {
  const container = needs.roster.find(reference);
  const { condition, signal } = options;
  if (condition === "not-running" && !isActive(container.state)) return { result: Promise.resolve(settledResult(container)) };
  const code = needs.live.next(container.id, condition === "removed" ? "removed" : "exit", signal);
  return { result: code.then((code) => ({ code, ...errorOf(needs.roster.get(container.id)) })) };
}

function settledResult(container: Container): WaitResult {
  const { state } = container;
  const code = state.status === "exited" ? state.exit.code : state.status === "created" ? (state.code ?? 0) : 0;
  return { code, ...errorOf(container) };
}

function errorOf(container: Container | undefined): { readonly error?: string } {
  const state = container?.state;
  return (state?.status === "exited" || state?.status === "created") && state.error !== undefined ? { error: state.error } : {};
}
