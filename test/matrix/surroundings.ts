// What an engine's own surroundings are, so that what a container has of them can be told from what it has for itself.
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { linkTarget } from "../support/processes.ts";
import type { Side } from "./side.ts";

export interface Surroundings {
  /** For the places that options leave open. */
  readonly words: Readonly<Record<string, string>>;
  /** Names of what differs from run to run. */
  spellings(id: string | undefined, name: string): (text: string) => string;
  /** Whose namespace of a kind it is: "own", "host" or "keeper". */
  ownerOf(kind: string, link: string): string;
  /** The engine's own limits, by their line's name. */
  readonly limits: ReadonlyMap<string, string>;
  /** Lines of the engine's own resolv.conf. */
  readonly resolv: ReadonlySet<string>;
}

const disks = ["/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/xvda"];

export async function readSurroundings(side: Side): Promise<Surroundings> {
  const pid = readFileSync(side.pidFile, "utf8").trim();
  const reply = await fetch("http://localhost/containers/keeper/json", { unix: side.socket });
  const keeper = (await reply.json()) as { readonly Id: string; readonly State: { readonly Pid: number } };
  const disk = disks.find((path) => statSync(path, { throwIfNoEntry: false })?.isBlockDevice() === true) ?? "/dev/vda";
  const number = statSync(disk, { throwIfNoEntry: false })?.rdev ?? 0;
  const ids = `${number >> 8}:${number & 0xff}`;
  return {
    words: { work: side.work, disk, token: side.token },
    spellings: (id, name) => (text) => {
      let spelled = text.replaceAll("\r", "");
      if (id === undefined) spelled = spelled.replaceAll(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, "<short id>");
      else spelled = spelled.replaceAll(id, "<id>").replaceAll(id.slice(0, 12), "<short id>");
      spelled = spelled.replaceAll(keeper.Id, "<keeper>").replaceAll(keeper.Id.slice(0, 12), "<short keeper>");
      return spelled
        .replaceAll(side.work, "<work>")
        .replaceAll(side.work.replace(/^\/run/, ""), "<work>")
        .replaceAll(side.token, "<token>")
        .replaceAll(side.socket, "<socket>")
        .replaceAll(disk, "<disk>")
        .replaceAll(new RegExp(`\\b${ids}\\b`, "g"), "<disk>")
        .replaceAll(/[0-9a-f]{64}/g, "<hex>")
        .replaceAll(new RegExp(`(?<![\\w./-])${hostname()}(?![\\w./-])`, "g"), "<host>")
        .replaceAll(/(?<![\d.])(?:10|172)\.\d+\.\d+\.\d+(?:\/\d+)?/g, "<address>")
        .replaceAll(/(?<=is mounted on )\S+/g, "<mount>")
        .replaceAll(/(?:\/[^\s/"]+)+(?=\/volumes\/|\/containers\/<)/g, "<data>")
        .replaceAll(new RegExp(`\\b${name}\\b`, "g"), "<name>");
    },
    ownerOf(kind, link) {
      if (link === linkTarget(`/proc/${pid}/ns/${kind}`)) return "host";
      return link === linkTarget(`/proc/${keeper.State.Pid}/ns/${kind}`) ? "keeper" : "own";
    },
    limits: new Map(limitLines(readFileSync(`/proc/${pid}/limits`, "utf8"))),
    resolv: new Set(readFileSync(`/proc/${pid}/root/etc/resolv.conf`, "utf8").split("\n")),
  };
}

/** ["Max open files", "1024 4096"] */
export function limitLines(text: string): [string, string][] {
  return text
    .split("\n")
    .map((line) => /^(Max [\w ]+?) {2,}(\S+) +(\S+)/.exec(line))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? "", `${match[2]} ${match[3]}`] as [string, string]]));
}
