import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";
import { imageArchive } from "./image-archive.ts";
import type { TreeEntry } from "./tree.ts";

/** Where Debian's busybox-static puts it. */
const installed = "/bin/busybox";

const directories: readonly TreeEntry[] = [
  ...["bin", "dev", "etc", "home", "proc", "sys", "usr", "usr/bin", "usr/sbin", "var", "var/spool"].map((path): TreeEntry => ({
    path,
    type: "directory",
  })),
  { path: "root", type: "directory", mode: 0o700 },
  { path: "tmp", type: "directory", mode: 0o1777 },
];

const accounts: Readonly<Record<string, string>> = {
  "etc/group": "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nmail:x:8:\nwww-data:x:33:\noperator:x:37:\nnobody:x:65534:\n",
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nmail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\noperator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
};

/** The archive of busybox:latest for this machine, from Debian's busybox-static; `cache` is where its package is unpacked when it is not installed. */
export async function busyboxArchive(cache: string): Promise<Uint8Array<ArrayBuffer>> {
  const config = { Cmd: ["sh"], Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] };
  return busyboxWith(cache, { name: "busybox:latest", config, entries: [] });
}

interface BusyboxVariant {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What it has beside busybox. */
  readonly entries: readonly TreeEntry[];
}

/** An image with busybox and more. */
export async function busyboxWith(cache: string, { name, config, entries }: BusyboxVariant): Promise<Uint8Array<ArrayBuffer>> {
  const program = await findBusybox(cache);
  const applets = (await run([program, "--list"])).split("\n").filter((applet) => /^[\w[.-]+$/.test(applet) && applet !== "busybox");
  const image = { name, config, created: "2026-01-01T00:00:00Z", createdBy: "COPY busybox /bin # scripts/images/busybox.ts" };
  const tree: readonly TreeEntry[] = [
    ...directories,
    { path: "bin/busybox", type: "file", mode: 0o755, bytes: await readFile(program) },
    ...applets.toSorted().map((applet): TreeEntry => ({ path: `bin/${applet}`, type: "symlink", target: "busybox" })),
    ...Object.entries(accounts).map(([path, text]): TreeEntry => ({ path, type: "file", bytes: new TextEncoder().encode(text) })),
    ...entries,
  ];
  return process.arch === "arm64"
    ? imageArchive({ ...image, trees: { arm64: tree } }, "arm64")
    : imageArchive({ ...image, trees: { amd64: tree } }, "amd64");
}

/** A busybox that needs no libraries. */
export async function findBusybox(cache: string): Promise<string> {
  // A busybox that needs libraries would not start in an image that has none.
  if ((await isFile(installed)) && !(await readFile(installed)).includes("/lib64/ld-linux")) return installed;
  const folder = join(cache, "busybox-static");
  const program = join(folder, "bin/busybox");
  if (await isFile(program)) return program;
  await mkdir(folder, { recursive: true });
  await run(["apt-get", "download", "busybox-static"], { cwd: folder });
  const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get downloaded no busybox-static");
  await run(["dpkg", "-x", archive, "."], { cwd: folder });
  return program;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
