// The library in process: over the memory engine for what a daemon does, over a raw one for what a daemon should not.
import { describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { BrokenReplyError, connect, DaemonError, type Engine, NotFoundError, UnreachableError } from "#library";
import { openMemoryApi } from "../support/memory-api.ts";
import { jsonReply, logChunk, logHead, startRawDaemon } from "../support/raw-daemon.ts";

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => new Error(`it did not fail: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );

const over = (host: string): Promise<Engine> => connect({ host });

describe("a session", () => {
  test("needs no reader for its exit code", async () => {
    await using api = await openMemoryApi();
    await using engine = await over(`unix://${api.socket}`);
    await using container = await engine.create("busybox", ["lines", "100000"]);
    await using session = await container.attach();
    await container.start();
    expect(await session.exit()).toBe(0);
  });

  test("holds a stream back until it is read, and loses nothing of either", async () => {
    await using api = await openMemoryApi();
    await using engine = await over(`unix://${api.socket}`);
    await using container = await engine.create("busybox", ["lines", "50000"]);
    await using session = await container.attach();
    await container.start();
    const size = async (stream: AsyncIterable<Uint8Array>): Promise<number> => {
      let bytes = 0;
      for await (const chunk of stream) bytes += chunk.length;
      return bytes;
    };
    expect(await Promise.all([size(session.stdout), size(session.stderr)])).toEqual([2_500_000, 2_500_000]);
    expect(await failure(size(session.stdout))).toMatchObject({ message: "this output is read already" });
  });

  test("carries input, and the exit code behind it", async () => {
    await using api = await openMemoryApi();
    await using engine = await over(`unix://${api.socket}`);
    expect(await engine.output("busybox", ["cat"], { input: "häl" })).toEqual({ exitCode: 0, stdout: "häl", stderr: "" });
    expect(await engine.output("busybox", ["both"])).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
    await using removed = await engine.run("busybox", ["both"], { autoRemove: true });
    expect(await removed.wait({ condition: "removed" }).catch((error: unknown) => (error instanceof NotFoundError ? 3 : error))).toBe(3);
    expect(await engine.output("busybox", ["both"], { autoRemove: true })).toMatchObject({ exitCode: 3 });
    expect(await engine.list({ all: true })).toEqual([]);
  });
});

describe("a signal", () => {
  test("ends what waits and throws its reason, and nothing is left of a run that it ended", async () => {
    await using api = await openMemoryApi();
    await using engine = await over(`unix://${api.socket}`);
    await using container = await engine.run("busybox", ["sleep"]);
    const reason = new Error("enough");
    const ended = new AbortController();
    const waits = [
      container.wait({ signal: ended.signal }),
      container.output({ signal: ended.signal }),
      engine.events({ signal: ended.signal }).next(),
      engine.output("busybox", ["sleep"], { signal: ended.signal }),
    ].map((wait) => failure(wait));
    ended.abort(reason);
    expect(await Promise.all(waits)).toEqual([reason, reason, reason, reason]);
    expect(await failure(container.inspect({ signal: ended.signal }))).toBe(reason);
    expect((await engine.list({ all: true })).map(({ Id }) => Id)).toEqual([container.id]);
  });
});

describe("a daemon that is not as it should be", () => {
  test("is named when it is not there", async () => {
    expect(await failure(over("unix:///nowhere.sock"))).toMatchObject({ code: "ENOENT", address: "unix:///nowhere.sock" });
    expect(await failure(over("tcp://127.0.0.1:1"))).toBeInstanceOf(UnreachableError);
    expect(await failure(over("gopher://x"))).toMatchObject({ message: "invalid bind address format: gopher://x" });
  });

  test("breaks a stream that it leaves, and the next call opens its own connection", async () => {
    await using daemon = await startRawDaemon((line, socket) => {
      if (!line.includes("/logs")) return socket.write(jsonReply([]));
      socket.write(logHead);
      socket.write(logChunk("T1 first\n"), () => socket.destroy());
      return undefined;
    });
    await using engine = await over(daemon.host);
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of engine.container("x").logs({ follow: true })) texts.push(text);
    })();
    expect(await failure(reading)).toBeInstanceOf(BrokenReplyError);
    expect(texts).toEqual(["first"]);
    expect(await engine.images()).toEqual([]);
  });

  test("waits for a reader that is slow", async () => {
    let sent = 0;
    await using daemon = await startRawDaemon((line, socket) => {
      if (!line.includes("/logs")) return socket.write(jsonReply([]));
      socket.write(logHead);
      flood(socket, (bytes) => (sent += bytes));
      return undefined;
    });
    await using engine = await over(daemon.host);
    const entries = engine.container("x").logs({ follow: true });
    await entries.next();
    for (let call = 0; call < 200; call += 1) await engine.images();
    expect(sent).toBeGreaterThan(1 << 20);
    expect(sent).toBeLessThan(8 << 20);
    await entries.return();
  });

  test("fails a pull once, wherever its failure is looked for", async () => {
    await using daemon = await startRawDaemon((_, socket) => {
      const lines =
        '{"status":"Pulling","id":"a","progressDetail":{"current":1,"total":2}}\r\n{"errorDetail":{"message":"no"},"error":"no"}\r\n';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${lines.length}\r\n\r\n${lines}`);
    });
    await using engine = await over(daemon.host);
    const pull = engine.pull("x");
    const steps: unknown[] = [];
    const iterating = (async () => {
      for await (const step of pull) steps.push(step);
    })();
    expect([await failure(iterating), await failure(pull), await failure(engine.pull("y:2"))]).toEqual(
      ["no", "no", "no"].map((message) => new DaemonError(500, message)),
    );
    expect(steps).toEqual([{ id: "a", status: "Pulling", current: 1, total: 2 }]);
    for await (const step of engine.pull("z@sha256:1")) if (step.id === "a") break;
    expect(daemon.requests.slice(1)).toEqual([
      "POST /v1.51/images/create?fromImage=x&tag=latest",
      "POST /v1.51/images/create?fromImage=y&tag=2",
      "POST /v1.51/images/create?fromImage=z&tag=sha256%3A1",
    ]);
  });
});

/** Writes as fast as the other side takes it, until it is gone. */
function flood(socket: Socket, wrote: (bytes: number) => void): void {
  const chunk = logChunk(`T1 ${"x".repeat(16_000)}\n`);
  const more = (): void => {
    while (!socket.destroyed) {
      wrote(chunk.length);
      if (!socket.write(chunk)) break;
    }
  };
  socket.on("drain", more);
  more();
}
