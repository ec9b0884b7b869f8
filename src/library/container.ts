import {
  ConflictError,
  type ContainerReply,
  type DockerClient,
  type ExecConfig,
  NotFoundError,
  type StatsReply,
  type WaitCondition,
} from "#client";
import { logEntries, type LogEntry } from "./log-entries.ts";
import { type Output, Session } from "./session.ts";
import { type TimePoint, unixTime } from "./time-point.ts";

interface Abortable {
  readonly signal?: AbortSignal;
}

export interface StopOptions extends Abortable {
  /** The signal to begin with; the container's own when absent. Names and numbers are Linux's. */
  readonly kill?: string;
  /** Seconds until SIGKILL; -1 waits for ever. */
  readonly timeout?: number;
}

export interface LogOptions extends Abortable {
  /** Goes on until the container ends. */
  readonly follow?: boolean;
  readonly since?: TimePoint;
  readonly until?: TimePoint;
  /** At most so many of the newest entries. */
  readonly tail?: number;
}

export interface ExecOptions extends Abortable {
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly tty?: boolean;
  /** Opens stdin; without it the program reads its end at once. */
  readonly stdin?: boolean;
}

/** One container. Taken with `await using` it is removed at the end, running or not. */
export class Container implements AsyncDisposable {
  /** As it was created or asked for: an id, a unique prefix or a name. */
  readonly id: string;
  readonly #client: DockerClient;

  constructor(client: DockerClient, id: string) {
    this.#client = client;
    this.id = id;
  }

  /** @throws NotFoundError, as every call here */
  async inspect({ signal }: Abortable = {}): Promise<ContainerReply> {
    return await this.#calls(signal).inspect(this.id);
  }

  /** One that runs already is left alone. */
  async start({ signal }: Abortable = {}): Promise<void> {
    await this.#calls(signal).start(this.id);
  }

  /** Resolves when it has ended. */
  async stop({ kill, timeout, signal }: StopOptions = {}): Promise<void> {
    await this.#calls(signal).stop(this.id, { ...(kill && { signal: kill }), ...(timeout !== undefined && { timeout }) });
  }

  async restart({ kill, timeout, signal }: StopOptions = {}): Promise<void> {
    await this.#calls(signal).restart(this.id, { ...(kill && { signal: kill }), ...(timeout !== undefined && { timeout }) });
  }

  /** Sends SIGKILL, or another. @throws ConflictError when it does not run */
  async kill(kill = "SIGKILL", { signal }: Abortable = {}): Promise<void> {
    await this.#calls(signal).kill(this.id, kill);
  }

  async pause({ signal }: Abortable = {}): Promise<void> {
    await this.#calls(signal).pause(this.id);
  }

  async unpause({ signal }: Abortable = {}): Promise<void> {
    await this.#calls(signal).unpause(this.id);
  }

  async rename(name: string, { signal }: Abortable = {}): Promise<void> {
    await this.#calls(signal).rename(this.id, name);
  }

  /** @throws ConflictError when it runs, unless `force` */
  async remove({ force, volumes, signal }: Abortable & { readonly force?: boolean; readonly volumes?: boolean } = {}): Promise<void> {
    await this.#calls(signal).remove(this.id, { ...(force && { force }), ...(volumes && { volumes }) });
  }

  /** The exit code: of the end that was, or by `condition` of the next one or of the removal. */
  async wait({ condition, signal }: Abortable & { readonly condition?: WaitCondition } = {}): Promise<number> {
    const { result } = await this.#calls(signal).wait(this.id, condition === undefined ? {} : { condition });
    const { StatusCode, Error: failure } = await result;
    if (failure?.Message) throw new Error(failure.Message);
    return StatusCode;
  }

  /** What it has written, entry for entry. @throws BrokenReplyError when the daemon goes away before the end */
  async *logs({ follow, since, until, tail, signal }: LogOptions = {}): AsyncGenerator<LogEntry, void> {
    const range = { ...(since !== undefined && { since: unixTime(since) }), ...(until !== undefined && { until: unixTime(until) }) };
    const query = { timestamps: true, ...(follow && { follow }), ...(tail !== undefined && { tail: String(tail) }), ...range };
    const reply = await this.#calls(signal).logs(this.id, query);
    const type = reply.headers.get("content-type") ?? "";
    // Daemons before API 1.42 do not say it.
    const multiplexed =
      type.includes("stream") && !type.includes("octet") ? type.includes("multiplexed") : !(await this.inspect()).Config.Tty;
    yield* logEntries(reply.body, multiplexed);
  }

  /** Waits for its end; all that it has written, and its exit code. */
  async output({ signal }: Abortable = {}): Promise<Output> {
    const text = { stdout: "", stderr: "" };
    // Asked first: a container that removes itself has no code to tell afterwards.
    const exitCode = this.wait(signal ? { signal } : {});
    exitCode.catch(() => undefined); // seen below, unless the log fails first
    for await (const entry of this.logs({ follow: true, ...(signal && { signal }) })) {
      text[entry.stream] += entry.partial ? entry.text : `${entry.text}\n`;
    }
    return { exitCode: await exitCode, ...text };
  }

  /** The streams of its main program. Needs `stdin: true` at its creation to write to it. */
  async attach({
    stdin = false,
    logs = false,
    signal,
  }: Abortable & { readonly stdin?: boolean; readonly logs?: boolean } = {}): Promise<Session> {
    const { Config } = await this.inspect(signal ? { signal } : {});
    const stream = await this.#calls(signal).attach(this.id, { stdin, stdout: true, stderr: true, logs });
    return new Session({
      stream,
      tty: Config.Tty,
      exitCode: () => this.wait(signal ? { signal } : {}),
      resize: (size) => this.#calls(signal).resize(this.id, size),
    });
  }

  /** Runs another program in it. @throws ConflictError when the container does not run */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<Session> {
    const { stdin = false, tty = false, signal } = options;
    const { exec } = this.#client.endingWith(signal);
    const id = await exec.create(this.id, execConfig(command, options));
    const stream = await exec.startAttached(id, { tty });
    if (!stdin) stream.connection.endWrite();
    return new Session({
      stream,
      tty,
      exitCode: async () => (await exec.inspect(id)).ExitCode ?? -1,
      resize: (size) => exec.resize(id, size),
    });
  }

  /** Readings of what it uses, about one a second, until it ends. */
  async *stats({ signal }: Abortable = {}): AsyncGenerator<StatsReply, void> {
    yield* await this.#calls(signal).stats(this.id);
  }

  /** Where a published port is reached from here. @throws Error when it is not published */
  async port(port: number | string, { signal }: Abortable = {}): Promise<{ readonly host: string; readonly port: number }> {
    const wanted = String(port).includes("/") ? String(port) : `${port}/tcp`;
    const bindings = (await this.inspect(signal ? { signal } : {})).NetworkSettings?.Ports?.[wanted] ?? [];
    const [binding] = bindings;
    if (binding === undefined) throw new Error(`port ${wanted} of container ${this.id} is not published`);
    const { endpoint } = this.#client.transport;
    const daemon = endpoint.kind === "tcp" ? endpoint.hostname : "127.0.0.1";
    const everywhere = binding.HostIp === "" || binding.HostIp === "0.0.0.0" || binding.HostIp === "::";
    return { host: everywhere ? daemon : binding.HostIp, port: Number(binding.HostPort) };
  }

  /** Removes it, by force and with its anonymous volumes. One that is gone, or being removed, is well. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.remove({ force: true, volumes: true });
    } catch (error) {
      if (!(error instanceof NotFoundError) && !(error instanceof ConflictError && /already in progress/.test(error.message))) throw error;
    }
  }

  #calls(signal: AbortSignal | undefined): DockerClient["containers"] {
    return this.#client.endingWith(signal).containers;
  }
}

function execConfig(
  command: readonly string[],
  { env, workingDir, user, privileged, tty = false, stdin = false }: ExecOptions,
): ExecConfig {
  return {
    Cmd: command,
    Tty: tty,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(env && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    ...(workingDir && { WorkingDir: workingDir }),
    ...(user && { User: user }),
    ...(privileged && { Privileged: true }),
  };
}
