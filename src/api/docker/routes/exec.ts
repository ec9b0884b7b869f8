import { fault, messageOf } from "#base";
import type { ExecSpec, ExecView } from "#engine";
import type { TerminalSize } from "#container";
import { execOptions, execStartOptions, knows, type ExecOptions } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { DetachWatch, parseDetachKeys } from "../detach-keys.ts";
import { identityHeaders } from "../identity.ts";
import { readExtent } from "../query.ts";
import { StreamWriter } from "../stream-writer.ts";
import { converse, mediaTypeOf } from "./streams.ts";

export const execRoutes: Handlers<"execCreate" | "execStart" | "execInspect" | "execResize"> = {
  execCreate: async ({ exchange, params, verbs, version }) => {
    const options = (await exchange.json(execOptions, "ExecOptions"))?.value ?? execOptions.zero;
    if (options.Cmd.length === 0) throw fault("invalid", "No exec command specified");
    const spec = specOf(options, knows(version, "consoleSizeOfExec"));
    exchange.reply(201, { Id: await verbs.exec.create(params["name"] ?? "", spec) });
  },
  execInspect: ({ exchange, params, verbs }) => exchange.reply(200, inspectExec(verbs.exec.get(params["id"] ?? ""))),
  execResize: async ({ exchange, params, query, verbs }) => {
    const size = { rows: readExtent("height", query.h), columns: readExtent("width", query.w) };
    await verbs.exec.resize(params["id"] ?? "", size);
    exchange.done(200);
  },
  execStart: start,
};

async function start({ exchange, identity, params, verbs, version }: Call<"execStart">): Promise<void> {
  const id = params["id"] ?? "";
  const options = (await exchange.json(execStartOptions, "ExecStartOptions"))?.value ?? execStartOptions.zero;
  const { spec } = verbs.exec.get(id);
  const size = knows(version, "consoleSizeOfExec") ? sizeOf(options.ConsoleSize) : undefined;
  const withSize = size === undefined ? {} : { size };
  if (options.Detach) {
    await verbs.exec.start(id, { detach: true, ...withSize });
    exchange.done(200);
    return;
  }
  const keys = parseDetachKeys(spec.detachKeys, (text) => `Invalid escape keys (${text}) provided`);
  const taken = await exchange.takeOver(mediaTypeOf(spec.tty, version), identityHeaders(identity));
  try {
    const { tty, attachment, detached } = await verbs.exec.start(id, { detach: false, ...withSize });
    if (attachment === undefined) throw fault("internal", `exec ${id} has no streams`);
    await using held = attachment;
    await converse(taken, held, {
      raw: tty,
      closesStdin: !tty,
      stdin: spec.attachStdin,
      stdout: spec.attachStdout,
      stderr: spec.attachStderr,
      ...(tty && { detach: { watch: new DetachWatch(keys), left: detached } }),
    });
  } catch (error) {
    // The status is spent: Docker tells of the failure in the stream.
    const writer = new StreamWriter(taken.sink, { raw: options.Tty });
    await writer.push({ stream: "stdout", bytes: Buffer.from(`${messageOf(error)}\r\n`) });
    await writer.flush();
    taken.end();
  }
}

function specOf(options: ExecOptions, withSize: boolean): ExecSpec {
  checkDetachKeys(options.DetachKeys);
  const size = withSize ? sizeOf(options.ConsoleSize) : undefined;
  return {
    command: options.Cmd,
    env: options.Env,
    user: options.User,
    workingDir: options.WorkingDir,
    tty: options.Tty,
    attachStdin: options.AttachStdin,
    attachStdout: options.AttachStdout,
    attachStderr: options.AttachStderr,
    privileged: options.Privileged,
    detachKeys: options.DetachKeys,
    ...(size !== undefined && { size }),
  };
}

/** Docker's answer to keys that are none is 500 here, where attach says 400. @throws internal */
function checkDetachKeys(text: string): void {
  try {
    parseDetachKeys(text, (keys) => `Invalid escape keys (${keys}) provided`);
  } catch (error) {
    throw fault("internal", messageOf(error));
  }
}

/** Height and width, as Docker orders them; zero means that the client does not know. */
function sizeOf(pair: readonly number[] | undefined): TerminalSize | undefined {
  const [rows = 0, columns = 0] = pair ?? [];
  return rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

function inspectExec(view: ExecView): Readonly<Record<string, unknown>> {
  const { spec } = view;
  const [entrypoint = "", ...words] = spec.command;
  return {
    ID: view.id,
    Running: view.running,
    ExitCode: view.code ?? null,
    ProcessConfig: {
      tty: spec.tty,
      entrypoint,
      arguments: words,
      privileged: spec.privileged,
      ...(spec.user !== "" && { user: spec.user }),
    },
    OpenStdin: spec.attachStdin,
    OpenStderr: spec.attachStderr,
    OpenStdout: spec.attachStdout,
    CanRemove: false,
    ContainerID: view.containerId,
    DetachKeys: spec.detachKeys === "" ? "" : Buffer.from(parseDetachKeys(spec.detachKeys, String)).toString("base64"),
    Pid: view.pid,
  };
}
