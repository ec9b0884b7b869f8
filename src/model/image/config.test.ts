import { describe, expect, test } from "bun:test";
import { parseConfig } from "./config.ts";

function parse(document: unknown): ReturnType<typeof parseConfig> {
  return parseConfig(new TextEncoder().encode(JSON.stringify(document)));
}

describe("parseConfig()", () => {
  test("reads what a container inherits", () => {
    const diffId = `sha256:${"b".repeat(64)}`;
    expect(
      parse({
        architecture: "arm64",
        os: "linux",
        variant: "v8",
        created: "2026-01-01T00:00:00Z",
        config: {
          User: "1",
          Env: ["A=b"],
          Cmd: ["c"],
          Entrypoint: ["e"],
          WorkingDir: "/w",
          Labels: { l: "m" },
          ExposedPorts: { "80/tcp": {} },
        },
        rootfs: { type: "layers", diff_ids: [diffId] },
        history: [{ created_by: "RUN x", empty_layer: true }],
      }),
    ).toEqual({
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      created: "2026-01-01T00:00:00Z",
      runtime: {
        user: "1",
        env: ["A=b"],
        entrypoint: ["e"],
        command: ["c"],
        workingDir: "/w",
        labels: { l: "m" },
        exposedPorts: ["80/tcp"],
        volumes: [],
      },
      diffIds: [diffId as `sha256:${string}`],
      history: [{ createdBy: "RUN x", emptyLayer: true }],
    });
  });

  test("takes null and absent alike", () => {
    const runtime = { user: "", env: [], workingDir: "", labels: {}, exposedPorts: [], volumes: [] };
    expect(parse({ config: null, rootfs: null, history: null })).toEqual(parse({}));
    expect(parse({ config: { Cmd: null, Env: null, Labels: null } }).runtime).toEqual(runtime);
  });

  test.each<[string, object]>([
    ["User", { config: { User: 1 } }],
    ["Env", { config: { Env: "A=b" } }],
    ["Cmd", { config: { Cmd: [1] } }],
    ["Labels", { config: { Labels: [] } }],
    ["diff_ids", { rootfs: { diff_ids: ["../x"] } }],
    ["history", { history: [null] }],
    ["config", { config: "x" }],
  ])("names the field %s when it is of the wrong type", (field, document) => {
    expect(() => parse(document)).toThrow(field);
  });
});
