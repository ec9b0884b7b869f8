// Writes the Debian package. The same files and time give the same bytes: dpkg-deb sorts the entries, and dates none of them later.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { controlFile, type PackageFacts, type PackageFile } from "./debian-files.ts";

const scripts = ["postinst", "prerm", "postrm"];

/** Packs `files` into `target`. @throws with dpkg-deb's own words */
export function writeDebianPackage(
  target: string,
  { root, files, facts }: { readonly root: string; readonly files: readonly PackageFile[]; readonly facts: PackageFacts },
): void {
  const tree = mkdtempSync(join(tmpdir(), "gantry-package-"));
  try {
    for (const file of files) place(tree, file);
    for (const file of controlFiles(root, files, facts)) place(tree, file);
    chmodSync(tree, 0o755);
    // zstd at its usual level: a tenth of xz's time for a seventh more bytes. One thread, since their number shows in the bytes.
    const flags = ["--root-owner-group", "-Zzstd", "-z3", "--threads-max=1", "--build", tree, target];
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(facts.time) };
    const { exitCode, stderr } = Bun.spawnSync(["dpkg-deb", ...flags], { env, stdout: "ignore" });
    if (exitCode !== 0) throw new Error(`dpkg-deb: ${stderr.toString().trim()}`);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function controlFiles(root: string, files: readonly PackageFile[], facts: PackageFacts): readonly PackageFile[] {
  const sized = files.flatMap((file) => ("bytes" in file ? [file] : []));
  const kilobytes = sized.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), 0);
  const sums = sized.map(({ path, bytes }) => `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`).join("");
  const settings = sized.filter(({ path }) => path.startsWith("etc/")).map(({ path }) => `/${path}\n`);
  const text = (name: string, content: string): PackageFile => ({ path: `DEBIAN/${name}`, bytes: Buffer.from(content), mode: 0o644 });
  return [
    text("control", controlFile(facts, kilobytes)),
    text("conffiles", settings.join("")),
    text("md5sums", sums),
    ...scripts.map((name) => ({ path: `DEBIAN/${name}`, bytes: readFileSync(join(root, "packaging/debian", name)), mode: 0o755 })),
  ];
}

function place(tree: string, file: PackageFile): void {
  const path = join(tree, file.path);
  makeFolders(tree, dirname(file.path));
  if ("target" in file) symlinkSync(file.target, path);
  else {
    writeFileSync(path, file.bytes);
    chmodSync(path, file.mode);
  }
}

/** With the mode that they shall have, whatever the umask says. */
function makeFolders(tree: string, folder: string): void {
  if (folder === ".") return;
  makeFolders(tree, dirname(folder));
  mkdirSync(join(tree, folder), { recursive: true });
  chmodSync(join(tree, folder), 0o755);
}
