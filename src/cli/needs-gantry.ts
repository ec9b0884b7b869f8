import { type DockerCalls, NotFoundError } from "#client";
import { ExitError } from "./usage-error.ts";

/** For what another engine would take without a word and do otherwise. @throws ExitError where the daemon is another engine */
export async function needsGantry(client: Pick<DockerCalls, "system">, what: string): Promise<void> {
  const { Components } = await client.system.version();
  if (Components?.some(({ Name }) => Name === "Gantry") !== true) throw refusal(what);
}

/** Asks a route of ours, which another engine does not have. @throws ExitError where the daemon is another engine */
export async function forGantry<Reply>(what: string, ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof NotFoundError && error.message === "page not found" ? refusal(what, error) : error;
  }
}

function refusal(what: string, cause?: Error): ExitError {
  return new ExitError(1, `${what} needs gantry: the daemon is another engine`, cause && { cause });
}
