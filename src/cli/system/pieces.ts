// What `system install` puts where. A piece is data; writing and removing it is done elsewhere.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import service from "../../../packaging/gantry.service" with { type: "text" };
import socket from "../../../packaging/gantry.socket" with { type: "text" };

export type Piece =
  | { readonly kind: "text"; readonly path: string; readonly text: string | Uint8Array }
  /** There once, it is the administrator's. */
  | { readonly kind: "settings"; readonly path: string; readonly text: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "copy"; readonly path: string; readonly from: string };

const bin = "/usr/local/bin";
const share = "/usr/local/share";

/** What is remembered of an installation, for taking it away again. */
export const recordPath = `${share}/gantry/installed.json`;
export const settingsPath = "/etc/gantry/daemon.json";

/** The units' names, for systemctl(1). */
export const unitNames = ["gantry.socket", "gantry.service"];

const shells = [
  { shell: "bash", path: `${share}/bash-completion/completions/gantry` },
  { shell: "zsh", path: `${share}/zsh/site-functions/_gantry` },
  { shell: "fish", path: `${share}/fish/vendor_completions.d/gantry.fish` },
];

/** The pieces of an installation that uses this executable; an image gets a copy, since there is nothing that a link could lead to. */
export function piecesOf(executable: string, { copied }: { readonly copied: boolean }): readonly Piece[] {
  const program = realpathSync(executable);
  return [
    copied ? { kind: "copy", path: `${bin}/gantry`, from: program } : { kind: "link", path: `${bin}/gantry`, target: program },
    { kind: "link", path: `${bin}/gantryd`, target: "gantry" },
    { kind: "text", path: "/etc/systemd/system/gantry.service", text: service.replace("ExecStart=/usr/bin/", `ExecStart=${bin}/`) },
    { kind: "text", path: "/etc/systemd/system/gantry.socket", text: socket },
    { kind: "settings", path: settingsPath, text: "{}\n" },
    ...shells.flatMap(({ shell, path }) => completion(program, shell, path)),
    ...manualPages(join(dirname(program), "man")),
  ];
}

/** As the program itself prints it; none where it has none for this shell. */
function completion(program: string, shell: string, path: string): readonly Piece[] {
  const { exitCode, stdout } = Bun.spawnSync([program, "completion", shell], { stdin: "ignore", stderr: "ignore" });
  return exitCode === 0 && stdout.length > 0 ? [{ kind: "text", path, text: stdout }] : [];
}

/** The pages that a build puts beside the executable. */
function manualPages(folder: string): readonly Piece[] {
  if (!existsSync(folder)) return [];
  const pages = readdirSync(folder).filter((name) => /\.\d$/.test(name));
  return pages.map((name) => ({
    kind: "text",
    path: `${share}/man/man${name.slice(-1)}/${name}`,
    text: readFileSync(join(folder, name)),
  }));
}
