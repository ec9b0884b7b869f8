import { describe, expect, test } from "bun:test";
import { fault } from "#base";
import type { Container, ContainerSpec, HeldImage, HostSpec, VolumeMount } from "#container";

import { containerOf, plainHost, plainSpec } from "../../../test/support/containers.ts";
import { resolveMounts } from "./resolve-mounts.ts";

function specOf(host: Partial<HostSpec>, fields: Partial<ContainerSpec> = {}): ContainerSpec {
  return { ...plainSpec, ...fields, host: { ...plainHost, ...host } };
}

function volume(name: string, target: string, fields: Partial<VolumeMount> = {}): VolumeMount {
  return { name, target, readOnly: false, copyUp: true, mode: "z", isAnonymous: name === "", ...fields };
}

const bind = { source: "/s", target: "/b", readOnly: false, propagation: "rprivate", createSource: true } as const;
const giver: Container = containerOf({
  id: "1".repeat(64),
  spec: specOf({ binds: [bind], volumes: [volume("data", "/d", { labels: { a: "1" } }), volume("named", "/n")] }),
});

function resolve(spec: ContainerSpec, imageVolumes: readonly string[] = []): HostSpec {
  const findContainer = (reference: string): Container => {
    if (reference !== "giver") throw fault("invalid", `No such container: ${reference}`);
    return giver;
  };
  const findImage = (reference: string): HeldImage => {
    if (reference !== "tools") throw fault("not-found", `No such image: ${reference}`);
    return tools;
  };
  return resolveMounts(spec, imageVolumes, { findContainer, findImage }).host;
}

const tools: HeldImage = { id: `sha256:${"a".repeat(64)}`, layers: [`sha256:${"b".repeat(64)}`] };

const shown = ({ volumes = [] }: HostSpec): readonly string[] =>
  volumes.map(
    ({ name, target, readOnly, copyUp }) =>
      `${/^[0-9a-f]{64}$/.test(name) ? "ID" : name}:${target}${readOnly ? ":ro" : ""}${copyUp ? "" : ":nocopy"}`,
  );

describe("resolveMounts()", () => {
  test("leaves a spec without volumes as it is", () => {
    const spec = specOf({ tmpfs: { "/t": "" } });
    expect(resolve(spec, ["/t"])).toBe(spec.host);
  });

  test("names what nobody named, and makes volumes of declared folders where nothing is mounted", () => {
    const host = resolve(specOf({ binds: [bind], volumes: [volume("", "/own"), volume("data", "/d")] }, { volumePaths: ["/p", "/d"] }), [
      "/i",
      "/b",
      "/p",
    ]);
    expect(shown(host)).toEqual(["ID:/own", "data:/d", "ID:/p", "ID:/i"]);
    expect(host.volumes?.map(({ isAnonymous }) => isAnonymous)).toEqual([true, false, true, true]);
  });

  test("takes over another's mounts, filled no more, read-only when asked, below the request's own", () => {
    expect(shown(resolve(specOf({ volumesFrom: ["giver"] })))).toEqual(["data:/d:nocopy", "named:/n:nocopy"]);
    expect(shown(resolve(specOf({ volumesFrom: ["giver:ro"], volumes: [volume("mine", "/d")] })))).toEqual([
      "named:/n:ro:nocopy",
      "mine:/d",
    ]);
    const { binds } = resolve(specOf({ volumesFrom: ["giver:ro,z"] }));
    expect(binds).toEqual([{ ...bind, readOnly: true }]);
  });

  test.each([
    ["", "volumes-from specification cannot be an empty string"],
    ["giver:bad", "invalid mode: bad"],
    ["giver:ro,rw", "invalid mode: ro,rw"],
    ["nobody", "No such container: nobody"],
  ])("refuses %j in Docker's words", (entry, words) => {
    expect(() => resolve(specOf({ volumesFrom: [entry] }))).toThrow(words);
  });
});
