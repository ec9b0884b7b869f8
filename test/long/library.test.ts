// The library where it takes a Docker beside ours, or a long time.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerPeer, startDockerPeer } from "../../scripts/peers/docker-peer.ts";
import { run, succeed } from "../support/command.ts";
import { loadImage } from "../support/images.ts";
import { commandFor, installLibrary, libraryExamples } from "../support/library-examples.ts";
import { jsonReply, logChunk, logHead, startRawDaemon } from "../support/raw-daemon.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";

const folder = mkdtempSync(join(tmpdir(), "gantry-library-"));
const runtimes = ["bun", "node"] as const;

beforeAll(async () => {
  await installLibrary(folder);
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("docs/library.md against Docker", () => {
  let peer: DockerPeer;
  let registry: EnclosedRegistry;

  beforeAll(async () => {
    peer = await startDockerPeer("docker28c");
    registry = await startEnclosedRegistry(peer);
    await loadImage(peer.socket, "busybox");
  }, 600_000);

  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  }, 60_000);

  const cases = runtimes.flatMap((runtime) => libraryExamples().map((example) => [runtime, example.title, example] as const));
  test.each(cases)(
    "under %s: %s",
    async (runtime, _, { code, output }) => {
      const command = await commandFor(runtime, folder, code.replaceAll("registry.example", registry.host));
      const env = { DOCKER_HOST: `unix://${peer.socket}`, DOCKER_CONFIG: folder };
      const { code: exit, stdout, stderr } = await run(command, { env });
      expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: output ?? stdout, stderr: "" });
    },
    60_000,
  );
});

const total = 2 ** 30;

describe("a gibibyte of logs", () => {
  test.each(runtimes)(
    "passes through %s without growing it",
    async (runtime) => {
      await using daemon = await startRawDaemon((line, socket) => {
        if (!line.includes("/logs")) return socket.write(jsonReply([]));
        socket.write(logHead);
        pour(socket, total);
        return undefined;
      });
      const code = `
        import { connect } from "gantry";
        const engine = await connect({ host: ${JSON.stringify(daemon.host)} });
        let seen = 0;
        let settled = 0;
        for await (const { text } of engine.container("x").logs()) {
          seen += text.length;
          if (settled === 0 && seen > ${total / 4}) settled = process.memoryUsage.rss();
        }
        console.log(JSON.stringify({ seen, grown: (process.memoryUsage.rss() - settled) / 2 ** 20 }));`;
      const { seen, grown } = JSON.parse(await succeed(await commandFor(runtime, folder, code), { patience: 200_000 })) as {
        seen: number;
        grown: number;
      };
      expect(seen).toBeGreaterThan(total * 0.99);
      expect(grown).toBeLessThan(64);
    },
    240_000,
  );
});

/** So many bytes as fast as they are taken, and the end of the body. */
function pour(socket: Socket, bytes: number): void {
  const chunk = logChunk(`2026-01-01T00:00:00Z ${"x".repeat(16_000)}\n`);
  let left = bytes;
  const more = (): void => {
    for (; left > 0; left -= chunk.length) if (!socket.write(chunk)) return void (left -= chunk.length);
    socket.removeListener("drain", more);
    socket.write("0\r\n\r\n");
  };
  socket.on("drain", more);
  more();
}
