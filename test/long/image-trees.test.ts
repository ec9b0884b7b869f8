// Images between us and Docker's two stores: the same tree is seen in both, and archives go both ways with ids and digests as they were.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { type DockerKind, startDockerPeer } from "../../scripts/peers/docker-peer.ts";
import { startDaemon } from "../support/daemon.ts";
import { TreeViewer, withoutImpliedTimes } from "../support/image-tree.ts";
import { oddArchive } from "../support/odd-image.ts";

/** Set: what the containerd store shows is what test/e2e compares with from now on. */
const recording = process.env["GANTRY_RECORD"] === "1";
const fixtures = join(import.meta.dir, "../fixtures/image-tree");

// Docker's overlay2 store forgets what lower layers say of a folder that an upper one only implies (its containerd store does not).
const cases: readonly (readonly [DockerKind, readonly ("implied" | "explicit")[]])[] = [
  ["docker28c", ["implied", "explicit"]],
  ["docker28", ["explicit"]],
];

describe.each(cases)("%s and we", (kind, forms) => {
  test("show the same tree, and take each other's archives", async () => {
    await using peer = await startDockerPeer(kind);
    await using daemon = await startDaemon();
    const [docker, own] = [new TreeViewer(peer.socket), new TreeViewer(daemon.place.socket)];
    for (const form of forms) {
      const archive = await oddArchive({ implied: form === "implied" });
      for (const engine of [docker, own]) expect(await engine.load(archive)).toContain("Loaded image: odd:1");
      const shown = await docker.list("odd:1");
      if (recording && kind === "docker28c") writeFileSync(join(fixtures, `${form}.txt`), shown);
      expect(withoutImpliedTimes(await own.list("odd:1")).split("\n")).toEqual(withoutImpliedTimes(shown).split("\n"));
      const before = { docker: await docker.inspect("odd:1"), own: await own.inspect("odd:1") };
      if (kind === "docker28c") expect(before.own.Id).toBe(before.docker.Id);
      // Each saves for the other.
      const [fromDocker, fromUs] = [await docker.save("odd:1"), await own.save("odd:1")];
      for (const engine of [docker, own]) await engine.removeImage("odd:1");
      expect(await own.load(fromDocker)).toContain("Loaded image: odd:1");
      expect(await docker.load(fromUs)).toContain("Loaded image: odd:1");
      const after = { docker: await docker.inspect("odd:1"), own: await own.inspect("odd:1") };
      for (const name of ["docker", "own"] as const)
        expect({ layers: after[name].RootFS, config: after[name].Config }).toEqual({
          layers: before[name].RootFS,
          config: before[name].Config,
        });
      expect(after.docker.Id).toBe(before.docker.Id);
      if (kind === "docker28c") expect(after.own.Id).toBe(before.own.Id);
      expect(withoutImpliedTimes(await own.list("odd:1"))).toBe(withoutImpliedTimes(shown));
      for (const engine of [docker, own]) await engine.removeImage("odd:1");
    }
  }, 240_000);
});
