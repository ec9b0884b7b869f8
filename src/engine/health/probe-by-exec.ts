import type { ExecSessions } from "../exec/exec-sessions.ts";
import type { ExecVerbs } from "../verbs.ts";
import type { Probe } from "./health-checks.ts";

interface Needs {
  readonly exec: ExecVerbs;
  readonly sessions: ExecSessions;
}

const probing = {
  env: [],
  user: "",
  workingDir: "",
  tty: false,
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  privileged: false,
  detachKeys: "",
};

/** A check is an exec like any other: clients see it in the events. */
export async function probeByExec({ exec, sessions }: Needs, container: string, command: readonly string[]): Promise<Probe> {
  const id = await exec.create(container, { ...probing, command });
  const { attachment } = await exec.start(id, { detach: false });
  const { process } = sessions.find(id);
  if (attachment === undefined || process === undefined) throw new Error(`exec ${id} has no streams`);
  async function* output(): AsyncGenerator<Uint8Array> {
    await using held = attachment;
    if (held !== undefined) for await (const { bytes } of held.output) yield bytes;
  }
  return { output: output(), code: process.exited.then(({ code }) => code), kill: () => process.signal(9) };
}
