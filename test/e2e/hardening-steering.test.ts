// What an image or a client says never steers the daemon or its runtime (rows A16, F08), and nobody but root reaches what it keeps (B15).
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/command.ts";
import { call, removeForced, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { plantImage } from "../support/planted-image.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
let daemon: TestDaemon;

/** Words that some engine or runtime acts upon when it finds them as an annotation or a label. */
const steering: Readonly<Record<string, string>> = {
  "containerd.io/restart.status": "running",
  "containerd.io/restart.loguri": "binary:///bin/sh?-c=touch",
  "org.systemd.property.ExecStop": "['/bin/touch', '/steered']",
  "org.systemd.property.TimeoutStopUSec": "1",
  "run.oci.handler": "krun",
  "run.oci.hooks.stderr": "/steered",
  "run.oci.seccomp_bpf_data": "AAAA",
  "run.oci.seccomp.receiver": "/steered",
  "run.oci.systemd.subgroup": "steered",
  "run.oci.mount_context_type": "rootcontext",
  "run.oci.pidfd_receiver": "/steered",
  "io.podman.annotations.privileged": "TRUE",
  "com.docker.compose.project": "steered",
  "gantry.owner": "engine",
};

beforeAll(async () => {
  daemon = held.use(await startDaemon({ enclosed: true }));
  await loadImage(daemon.place.socket, "busybox");
  await plantImage(daemon, "steering", {
    members: [{ name: "bin/rooted", content: "#!/bin/sh\nid\n", mode: 0o4755 }],
    config: {
      Labels: steering,
      HostConfig: { Privileged: true, Runtime: "/opt/evil", Binds: ["/:/host"] },
      SecurityOpt: ["seccomp=unconfined"],
      Annotations: steering,
    },
  });
});
afterAll(() => held.disposeAsync());

interface Bundle {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the runtime was told of a running container. */
async function bundleOf(id: string): Promise<Bundle> {
  return (await Bun.file(join(daemon.place.execRoot, "monitors", id.slice(0, 12), "config.json")).json()) as Bundle;
}

async function runtimes(): Promise<readonly string[]> {
  const info = (await (await call(daemon, "/info")).json()) as { readonly Runtimes: Readonly<Record<string, unknown>> };
  return Object.keys(info.Runtimes);
}

describe("A16, F08: labels and annotations", () => {
  test("of an image and of a client are kept and shown, and tell the runtime nothing", async () => {
    for (const runtime of await runtimes()) {
      const plain = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Runtime: runtime } });
      const told = Object.keys((await bundleOf(plain)).annotations ?? {});
      expect(told).toEqual(told.filter((name) => name === "run.oci.seccomp_bpf_data"));
      for (const body of [
        { Image: "steering", Cmd: ["sleep", "1000"] },
        { Cmd: ["sleep", "1000"], Labels: steering },
      ]) {
        const id = await startNew(daemon, { ...body, HostConfig: { Runtime: runtime } });
        expect((await bundleOf(id)).annotations).toEqual((await bundleOf(plain)).annotations);
        const inspected = (await (await call(daemon, `/containers/${id}/json`)).json()) as Readonly<
          Record<string, Record<string, unknown>>
        >;
        expect(inspected["Config"]?.["Labels"]).toEqual(steering);
        expect(inspected["HostConfig"]).toMatchObject({ Privileged: false, Binds: null, Runtime: runtime });
        expect(inspected["Config"]?.["StopTimeout"]).toBeUndefined();
        await removeForced(daemon, id);
      }
      await removeForced(daemon, plain);
    }
  });

  test("restart nothing that has ended", async () => {
    const id = await startNew(daemon, { Image: "steering", Cmd: ["true"] });
    await wait(daemon, id);
    await daemon.kill();
    await daemon.start();
    const state = (await (await call(daemon, `/containers/${id}/json`)).json()) as { readonly State: { readonly Status: string } };
    expect(state.State.Status).toBe("exited");
    await removeForced(daemon, id);
  });

  test("as annotations are shown, and reach the runtime only where it takes no orders by them", async () => {
    const plain = await startNew(daemon, { Cmd: ["sleep", "1000"] });
    const own = (await bundleOf(plain)).annotations;
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Annotations: steering } });
    const harmless = Object.entries(steering).filter(([name]) => !/^(run\.oci|org\.systemd)\./.test(name));
    expect((await bundleOf(id)).annotations).toEqual({ ...own, ...Object.fromEntries(harmless) });
    const inspected = (await (await call(daemon, `/containers/${id}/json`)).json()) as { readonly HostConfig: object };
    expect(inspected.HostConfig).toMatchObject({ Annotations: steering, Privileged: false });
    await removeForced(daemon, plain);
    await removeForced(daemon, id);
  });
});

describe("B15: the folders of the daemon", () => {
  const nobody = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--"];

  /** Everything below a folder that a stranger could name, by the bits alone. */
  function reachable(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      const { mode } = lstatSync(path);
      if (entry.isDirectory()) return (mode & 0o001) === 0 ? [] : [path, ...reachable(path)];
      return (mode & 0o006) === 0 ? [] : [path];
    });
  }

  test("let a stranger through to nothing but what is for everybody", async () => {
    const { dataRoot, execRoot, pidFile } = daemon.place;
    const id = await startNew(daemon, { Image: "steering", Cmd: ["sleep", "1000"] });
    expect(lstatSync(dataRoot).mode & 0o007).toBe(0);
    expect(reachable(execRoot)).toEqual([pidFile]);
    expect(lstatSync(pidFile).mode & 0o022).toBe(0);
    const planted = join(execRoot, "planted");
    mkdirSync(planted, { mode: 0o755 });
    expect(reachable(execRoot)).toContain(planted);
    rmdirSync(planted);
    for (const root of [dataRoot, execRoot]) {
      const open = readdirSync(root, { withFileTypes: true }).filter((entry) => {
        const { mode, uid } = lstatSync(join(root, entry.name));
        return uid !== 0 || (entry.isDirectory() && (mode & 0o077) !== 0 && (mode & 0o777) !== 0o710);
      });
      expect(open.map(({ name }) => name)).toEqual([]);
    }
    const seen = await run([...nobody, "find", dataRoot, execRoot, "-mindepth", "1"]);
    expect(seen.stdout).toBe("");
    await removeForced(daemon, id);
  });

  test("keep a setuid program of an image from whoever is not root", async () => {
    const id = await startNew(daemon, { Image: "steering", Cmd: ["sleep", "1000"] });
    // Unpacked in the data root, or mounted below the folder of what runs.
    const inside = `/proc/${daemon.pid}/root`;
    const folders = [daemon.place.dataRoot, `${inside}${daemon.place.execRoot}`];
    const { stdout } = await run(["find", ...folders, "-name", "rooted", "-perm", "-4000"]);
    const found = stdout.split("\n").filter((path) => path !== "");
    expect(found).not.toEqual([]);
    for (const path of found.flatMap((name) => (name.startsWith(inside) ? [name] : [name, `${inside}${name}`]))) {
      const { code, stdout: said, stderr } = await run([...nobody, path]);
      expect([path, code === 0, said, /[Pp]ermission denied/.test(stderr)]).toEqual([path, false, "", true]);
    }
    await removeForced(daemon, id);
  });
});
