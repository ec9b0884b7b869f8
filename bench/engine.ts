// An engine under measurement: ours or a peer, reached by the same stock client and the same API calls.
import { statSync } from "node:fs";
import { startDockerPeer, type DockerKind } from "../scripts/peers/docker-peer.ts";
import { busyboxArchive } from "../scripts/images/busybox-image.ts";
import { succeed, type Output, run } from "../test/support/command.ts";
import { startDaemon, type TestDaemon } from "../test/support/daemon.ts";
import { stockClient } from "../test/support/tools.ts";

export type EngineName = "gantry" | DockerKind;

export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  readonly version: string;
  readonly driver: string;
  readonly socket: string;
  readonly dataRoot: string;
  /** Goes before a command that shall run where the engine does. */
  readonly prefix: readonly string[];
  /** The daemon and what belongs to it whether or not a container runs. */
  readonly pids: () => readonly number[];
  readonly daemon: TestDaemon | undefined;
  /** Stops it and starts it again; gives the milliseconds from the start to the first answer. */
  restart(): Promise<number>;
}

/** A request with a JSON body and a JSON or empty reply. @throws when the status is 400 or above */
export async function ask<Reply>(engine: Engine, method: string, path: string, body?: unknown): Promise<Reply> {
  const reply = await fetch(`http://localhost/v1.41${path}`, {
    unix: engine.socket,
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await reply.text();
  if (reply.status >= 400) throw new Error(`${engine.name}: ${method} ${path}: ${reply.status} ${text}`);
  return (text === "" ? undefined : parseReply(text)) as Reply;
}

function parseReply(text: string): unknown {
  return text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
}

/** The stock client against the engine. */
export function docker(engine: Engine, ...args: readonly string[]): Promise<Output> {
  return run([stockClient(), "-H", `unix://${engine.socket}`, ...args], { env: { DOCKER_CONFIG: "/nonexistent" } });
}

/** Starts the engine and loads busybox:latest. @param driver of ours */
export async function openEngine(name: EngineName, driver: "sealed" | "directory" | undefined): Promise<Engine> {
  const engine = await describe(name, name === "gantry" ? await openGantry(driver) : await openPeer(name));
  await succeed([stockClient(), "-H", `unix://${engine.socket}`, "load", "-q"], { stdin: await busyboxArchive(".cache") });
  return engine;
}

type Bare = Omit<Engine, "name" | "version" | "driver">;

async function openGantry(driver: string | undefined): Promise<Bare> {
  const daemon = await startDaemon({ enclosed: true, flags: driver === undefined ? [] : ["--storage-driver", driver] });
  return {
    socket: daemon.place.socket,
    dataRoot: daemon.place.dataRoot,
    prefix: daemon.enclosure?.prefix ?? [],
    pids: () => [daemon.pid],
    daemon,
    async restart(): Promise<number> {
      await daemon.terminate();
      return daemon.start();
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

async function openPeer(kind: DockerKind): Promise<Bare> {
  const peer = await startDockerPeer(kind);
  return {
    socket: peer.socket,
    dataRoot: peer.dataRoot,
    prefix: peer.prefix,
    pids: () => peer.pids,
    daemon: undefined,
    async restart(): Promise<number> {
      await peer.stop();
      return peer.start();
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

async function describe(name: EngineName, bare: Bare): Promise<Engine> {
  const reply = await fetch("http://localhost/info", { unix: bare.socket });
  const info = (await reply.json()) as { readonly ServerVersion: string; readonly Driver: string };
  return { ...bare, name, version: info.ServerVersion, driver: info.Driver };
}

/** @throws when a peer would be measured on another kind of storage than ours: the figures would say nothing */
export function refuseUnfair(engines: readonly Engine[]): void {
  const ours = engines.find(({ name }) => name === "gantry");
  for (const engine of engines.filter(({ name }) => name !== "gantry")) {
    if (!/^overlay(2|fs)?$/.test(engine.driver)) throw new Error(`${engine.name} stores on ${engine.driver}, not on overlay`);
    if (ours !== undefined && statSync(engine.dataRoot).dev !== statSync(ours.dataRoot).dev) {
      throw new Error(`${engine.dataRoot} and ${ours.dataRoot} are on different file systems`);
    }
  }
}
