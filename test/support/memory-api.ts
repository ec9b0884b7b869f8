import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveDocker } from "#api";
import { guardVerbs, type AuditEntry, type Caller, type Policy, type Verbs } from "#engine";
import { MemoryEngine } from "./memory-engine.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** The API over a memory engine, on a socket of its own, with a few programs to run. */
export interface MemoryApi extends AsyncDisposable {
  readonly engine: MemoryEngine;
  readonly socket: string;
  /** What the server logged: failures that are ours. */
  readonly failures: readonly string[];
  readonly audited: readonly AuditEntry[];
  request(method: string, path: string, body?: unknown): Promise<Reply>;
  connect(): Promise<RawConnection>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
}

interface MemoryApiOptions {
  readonly policy?: Policy;
  /** Hands out verbs in another way than the guard does. */
  readonly verbsFor?: (engine: MemoryEngine) => (caller: Caller) => Verbs;
  /** Milliseconds for the head of a request. */
  readonly headLimit?: number;
}

export async function openMemoryApi(options: MemoryApiOptions = {}): Promise<MemoryApi> {
  const engine = new MemoryEngine();
  addPrograms(engine);
  engine.addImage("busybox", ["sleep"]);
  const failures: string[] = [];
  const audited: AuditEntry[] = [];
  const folder = await mkdtemp(join(tmpdir(), "gantry-api-"));
  const socket = join(folder, "api.sock");
  const identity = { version: "0.1.0", commit: "abc", buildTime: "", dockerVersion: "28.5.2", apiVersion: "1.51", minApiVersion: "1.24" };
  const guarded = (caller: Caller): Verbs =>
    guardVerbs(engine, caller, { audit: (entry) => audited.push(entry), ...(options.policy !== undefined && { policy: options.policy }) });
  const server = serveDocker({
    verbsFor: options.verbsFor?.(engine) ?? guarded,
    identity,
    logger: { error: (message) => failures.push(message) },
    ...(options.headLimit !== undefined && { headLimit: options.headLimit }),
  });
  const listener = createServer({ allowHalfOpen: true }, (connection) => server.accept(connection, { kind: "in-process" }));
  await new Promise<void>((settle) => listener.listen(socket, settle));
  return {
    engine,
    socket,
    failures,
    audited,
    request: (method, path, body) => send(socket, method, path, body),
    connect: () => RawConnection.open(socket),
    async [Symbol.asyncDispose]() {
      listener.close();
      server[Symbol.dispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function send(socket: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(`http://docker${path}`, { unix: socket, method, redirect: "manual", ...json });
  const whole = await response.text();
  return { status: response.status, headers: response.headers, text: whole, json: () => JSON.parse(whole) as unknown };
}

function addPrograms(engine: MemoryEngine): void {
  engine.addProgram("sleep", () => new Promise(() => undefined));
  engine.addProgram("true", async () => 0);
  engine.addProgram("both", async (process) => {
    await process.write("stdout", text("out\n"));
    await process.write("stderr", text("err\n"));
    return 3;
  });
  engine.addProgram("cat", async (process) => {
    for await (const bytes of process.stdin) await process.write("stdout", bytes);
    return 0;
  });
  engine.addProgram("lines", async (process) => {
    const count = Number(process.args[1]);
    for (let line = 0; line < count; line += 1)
      await process.write(line % 2 === 0 ? "stdout" : "stderr", text(`${line}`.padEnd(99) + "\n"));
    return 0;
  });
}

/** A connection on which a test says exactly what it wants to say. */
export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  #received: Uint8Array[] = [];
  #changed = Promise.withResolvers<undefined>();
  #over = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    const change = (): void => {
      this.#changed.resolve(undefined);
      this.#changed = Promise.withResolvers();
    };
    const end = (): void => {
      this.#over = true;
      change();
    };
    socket.on("error", end).on("end", end).on("close", end);
    socket.on("data", (bytes: Uint8Array) => {
      this.#received.push(bytes);
      change();
    });
  }

  static async open(path: string): Promise<RawConnection> {
    const socket = connect({ path, allowHalfOpen: true });
    await new Promise<void>((settle, reject) => socket.once("connect", settle).once("error", reject));
    return new RawConnection(socket);
  }

  send(words: string | Uint8Array): void {
    this.socket.write(words);
  }

  /** Says that nothing more will be said; the other side may go on. */
  endInput(): void {
    this.socket.end();
  }

  get received(): Buffer {
    const whole = Buffer.concat(this.#received);
    this.#received = [whole];
    return whole;
  }

  /** Waits until what was received holds `words`. */
  async until(words: string): Promise<string> {
    while (!this.received.includes(words)) {
      if (this.#over) throw new Error(`the connection ended before ${JSON.stringify(words)}: ${this.received.toString()}`);
      await this.#changed.promise;
    }
    return this.received.toString();
  }

  /** Waits for the other side's end; gives all that was received. */
  async toEnd(): Promise<Buffer> {
    while (!this.#over) await this.#changed.promise;
    return this.received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }
}

/** The head of a request that asks for an upgrade. */
export function upgradeHead(path: string, body = ""): string {
  const length = body === "" ? "" : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${length}\r\n${body}`;
}
