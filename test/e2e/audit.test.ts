// Who did what: the audit lines of a real daemon, and what never stands in them (row E09).
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { stockClient } from "../support/tools.ts";

let daemon: TestDaemon;

setDefaultTimeout(20_000);

beforeAll(async () => {
  daemon = await startDaemon({ flags: ["--debug"] });
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

interface AuditLine {
  readonly caller: string;
  readonly verb: string;
  readonly subject: string;
  readonly outcome: string;
  readonly ms: number;
}

function auditOf(subject: string): readonly AuditLine[] {
  const lines = daemon.log.split("\n").filter((line) => line.includes('"msg":"audit"'));
  return lines.map((line) => JSON.parse(line) as AuditLine).filter((line) => line.subject === subject);
}

describe("the audit log", () => {
  test("names the process that called, what it did and how that ended", async () => {
    expect((await daemon.docker(["run", "--name", "audited", "busybox", "true"])).code).toBe(0);
    expect((await daemon.docker(["kill", "audited"])).code).toBe(1);
    expect((await daemon.docker(["rm", "audited"])).code).toBe(0);
    const peer = expect.stringMatching(/^uid=0 gid=0 pid=[1-9]\d*$/);
    const lines = auditOf("audited");
    expect(lines[0]).toEqual(expect.objectContaining({ caller: peer, verb: "containers.create", outcome: "done", ms: expect.any(Number) }));
    expect(lines.map(({ verb, outcome }) => `${verb} ${outcome}`)).toEqual([
      "containers.create done",
      "containers.kill conflict",
      "containers.remove done",
    ]);
  });

  test("tells another user apart", async () => {
    // In the socket's group, but not root.
    const asNobody = ["setpriv", "--reuid=65534", `--regid=${statSync(daemon.place.socket).gid}`, "--clear-groups", "--"];
    const { code, stderr } = await daemon.run([...asNobody, stockClient(), "start", "by-nobody"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("No such container: by-nobody")]);
    expect(auditOf("by-nobody")).toMatchObject([{ caller: expect.stringMatching(/^uid=65534 gid=\d+ pid=\d+$/), outcome: "not-found" }]);
  });
});

describe("the log of a daemon that is debugged (E09)", () => {
  const marker = "MARKER-4f1c9d2e";

  test("holds nothing of what clients send in confidence", async () => {
    const auth = btoa(JSON.stringify({ username: "user", password: marker }));
    const json = { "Content-Type": "application/json", "X-Registry-Auth": auth, Authorization: `Bearer ${marker}` };
    const ask = (path: string, body?: unknown, headers: Readonly<Record<string, string>> = json): Promise<Response> =>
      daemon.request(path, { method: "POST", headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    expect((await ask("/images/create?fromImage=127.0.0.1:1/secret&tag=1")).ok).toBe(false);
    const env = [`PASSWORD=${marker}`];
    const labels = { password: marker };
    expect(
      (await ask("/containers/create?name=confidant", { Image: "busybox", Cmd: ["sleep", "60"], Env: env, Labels: labels })).status,
    ).toBe(201);
    expect((await ask("/containers/confidant/start")).status).toBe(204);
    const { Id } = (await (await ask("/containers/confidant/exec", { Cmd: ["true", marker], Env: env })).json()) as { readonly Id: string };
    expect((await ask(`/exec/${Id}/start`, { Detach: true })).status).toBe(200);
    const refused = [
      ask("/containers/create", { Image: "busybox", Env: marker }),
      ask("/containers/create", { Image: "busybox", HostConfig: { Isolation: marker } }),
      ask("/containers/create", { Image: "busybox", Env: env }, { "Content-Type": "text/plain" }),
      ask("/containers/create?name=failed", { Image: "busybox", Cmd: [marker], Env: env }).then(() => ask("/containers/failed/start")),
      ask(`/auth?token=${marker}`, { username: "user", password: marker, serveraddress: "127.0.0.1:1" }),
    ];
    expect((await Promise.all(refused)).map(({ ok }) => ok)).toEqual(refused.map(() => false));
    expect(auditOf("confidant").length).toBeGreaterThan(1);
    expect(daemon.log).not.toContain(marker);
    expect(daemon.log).not.toContain(auth);
  });

  test("would be found out if it did", async () => {
    // The one thing that a client names and that the log repeats: what the call is about.
    await daemon.request(`/containers/${marker}-name/start`, { method: "POST" });
    expect(daemon.log).toContain(marker);
  });
});
