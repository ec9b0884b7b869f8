// Clients that ask for a stream and then read next to nothing of it. They are rough sockets: an HTTP client would read ahead.
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { call, startNew, stdoutOf } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";

export interface SlowReport {
  /** Bytes of resident memory before the readers came, and the most while they were there. */
  readonly before: number;
  readonly most: number;
  /** Milliseconds of each `_ping` meanwhile. */
  readonly pings: readonly number[];
  /** Lines that a container wrote while its logs were read slowly. */
  readonly written: number;
}

interface SlowPlan {
  readonly readers: number;
  /** Milliseconds that they stay. */
  readonly stay: number;
}

/** Resident memory of a process in bytes. */
export function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

/** A quarter of the readers each on logs, attach, events and stats; they take a byte a second. */
export async function readSlowly(daemon: TestDaemon, { readers, stay }: SlowPlan): Promise<SlowReport> {
  const logged = await startNew(daemon, { Cmd: ["sh", "-c", "n=0; while true; do n=$((n+1)); echo line-$n; done"] });
  const attached = await startNew(daemon, { Cmd: ["yes", "a line that somebody is to read"], HostConfig: { LogConfig: { Type: "none" } } });
  const paths = [
    ["GET", `/containers/${logged}/logs?stdout=1&follow=1`],
    ["POST", `/containers/${attached}/attach?stream=1&stdout=1`],
    ["GET", "/events?since=1"],
    ["GET", `/containers/${attached}/stats?stream=1`],
  ] as const;
  const before = residentMemory(daemon.pid);
  const sockets = Array.from({ length: readers }, (_, index) => {
    const [method, path] = paths[index % paths.length] ?? paths[0];
    return slowReader(daemon.place.socket, `${method} ${path} HTTP/1.1\r\nHost: docker\r\n\r\n`);
  });
  const pings: number[] = [];
  let most = before;
  const firstLines = lastLine(await stdoutOf(daemon, logged));
  const end = performance.now() + stay;
  while (performance.now() < end) {
    const began = performance.now();
    await (await call(daemon, "/_ping")).text();
    pings.push(performance.now() - began);
    // Something for the listeners of events.
    await (await call(daemon, `/containers/${attached}/rename?name=named-${pings.length}`, { method: "POST" })).text();
    most = Math.max(most, residentMemory(daemon.pid));
    await Bun.sleep(20);
  }
  const written = lastLine(await stdoutOf(daemon, logged)) - firstLines;
  for (const socket of sockets) socket[Symbol.dispose]();
  return { before, most, pings, written };
}

function lastLine(log: string): number {
  return Number(/line-(\d+)\n$/.exec(log)?.[1] ?? 0);
}

/** Reads a byte each second, and leaves the rest to the kernel and to whoever sends. */
function slowReader(path: string, request: string): Disposable {
  const socket: Socket = connect(path);
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(request);
  const dripping = setInterval(() => void socket.read(1), 1_000);
  return {
    [Symbol.dispose]: () => {
      clearInterval(dripping);
      socket.destroy();
    },
  };
}
