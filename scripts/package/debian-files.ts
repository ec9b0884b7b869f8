// What the Debian package holds, as data.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** A file, or a link, of the package. */
export type PackageFile =
  | { readonly path: string; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly path: string; readonly target: string };

export interface PackageFacts {
  readonly version: string;
  /** As dpkg names it. */
  readonly architecture: "amd64" | "arm64";
  /** Seconds since 1970 of the commit: the same commit gives the same bytes. */
  readonly time: number;
}

const maintainer = "The Gantry authors <gantry@gantry.invalid>";

const completions = [
  { shell: "bash", path: "usr/share/bash-completion/completions/gantry" },
  { shell: "zsh", path: "usr/share/zsh/vendor-completions/_gantry" },
  { shell: "fish", path: "usr/share/fish/vendor_completions.d/gantry.fish" },
];

/** The files of the package, from a built `dist` and the project's `packaging`. */
export function debianFiles(root: string, facts: PackageFacts): readonly PackageFile[] {
  const packaging = (name: string): Uint8Array => readFileSync(join(root, "packaging", name));
  const program = join(root, "dist/gantry");
  const plain = (path: string, bytes: Uint8Array): PackageFile => ({ path, bytes, mode: 0o644 });
  return [
    { path: "usr/bin/gantry", bytes: readFileSync(program), mode: 0o755 },
    { path: "usr/bin/gantryd", target: "gantry" },
    plain("usr/lib/systemd/system/gantry.service", packaging("gantry.service")),
    plain("usr/lib/systemd/system/gantry.socket", packaging("gantry.socket")),
    plain("etc/gantry/daemon.json", Buffer.from("{}\n")),
    plain("usr/share/doc/gantry/copyright", packaging("debian/copyright")),
    plain("usr/share/doc/gantry/changelog.gz", squeeze(Buffer.from(changelog(facts)))),
    ...completions.flatMap(({ shell, path }) => {
      const { exitCode, stdout } = Bun.spawnSync([program, "completion", shell], { stderr: "ignore" });
      return exitCode === 0 && stdout.length > 0 ? [plain(path, stdout)] : [];
    }),
    ...manualPages(join(root, "dist/man")),
  ];
}

function manualPages(folder: string): readonly PackageFile[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.\d$/.test(name));
  return names.toSorted().map((name) => ({
    path: `usr/share/man/man${name.slice(-1)}/${name}.gz`,
    bytes: squeeze(readFileSync(join(folder, name))),
    mode: 0o644,
  }));
}

/** gzip(1) with -9n: no name and no time in it. */
function squeeze(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 9 });
}

function changelog({ version, time }: PackageFacts): string {
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  return `gantry (${version}) unstable; urgency=medium\n\n  * See the project's history.\n\n -- ${maintainer}  ${date}\n`;
}

/** The control file. What the engine runs are conmon and a runtime; everything else it does by itself. */
export function controlFile({ version, architecture }: PackageFacts, installedSize: number): string {
  const fields = {
    Package: "gantry",
    Version: version,
    Architecture: architecture,
    Maintainer: maintainer,
    "Installed-Size": String(installedSize),
    Depends: "libc6 (>= 2.17), liblzma5, libbz2-1.0, conmon, crun | runc, passwd, init-system-helpers (>= 1.54)",
    Recommends: "tini, libisal2",
    Suggests: "openssh-client",
    Section: "admin",
    Priority: "optional",
    Description:
      "container engine that speaks Docker\n Gantry runs containers, and answers Docker's REST API and command line. Its containers do not\n depend on its daemon. It works beside an installed Docker.",
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}
