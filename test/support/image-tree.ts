// What a process sees of an image, in lines: by programs inside, and by the archive of the whole tree.
import type { ByteString } from "#image";
import { type ListedEntry, listTar } from "./tar-listing.ts";

/** Docker gives folders that upper layers only imply the time of their unpacking, and we leave them theirs. */
export function withoutImpliedTimes(listing: string): string {
  const implied = /^(?:odd|odd\/opaque|tmp)\/? /;
  const lines = listing.split("\n");
  return lines
    .map((line) => (implied.test(line) ? line.replace(/ (?:now|1000000000)$| (?:now|2001-09-09 \S+) \+0000$/, "") : line))
    .join("\n");
}

/** An engine at a socket, ours or Docker's. */
export class TreeViewer {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async load(archive: Uint8Array<ArrayBuffer>): Promise<string> {
    return await (
      await this.#call("/images/load?quiet=1", { method: "POST", body: archive, headers: { "content-type": "application/x-tar" } })
    ).text();
  }

  async save(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.#call(`/images/${name}/get`)).arrayBuffer());
  }

  async inspect(name: string): Promise<{ readonly Id: string; readonly RootFS: object; readonly Config: object }> {
    return (await (await this.#call(`/images/${name}/json`)).json()) as { Id: string; RootFS: object; Config: object };
  }

  async removeImage(name: string): Promise<void> {
    await this.#call(`/images/${name}?force=1`, { method: "DELETE" });
  }

  /** Every file below /odd and /tmp as a container of the image sees it; times that are no part of the image are "now". Docker exports no attributes of users: nor does this. */
  async list(image: string): Promise<string> {
    const body = { Image: image, Cmd: ["sh", "-c", look], HostConfig: { NetworkMode: "none" } };
    const headers = { "content-type": "application/json" };
    const { Id } = (await (await this.#call("/containers/create", { method: "POST", headers, body: JSON.stringify(body) })).json()) as {
      Id: string;
    };
    try {
      await this.#call(`/containers/${Id}/start`, { method: "POST" });
      await (await this.#call(`/containers/${Id}/wait`, { method: "POST" })).text();
      const entries = listTar(await (await this.#call(`/containers/${Id}/export`)).bytes());
      // Not by the log: Docker's replaces bytes that are no text.
      const seen = entries.find(({ entry }) => /^(\.\/)?listing$/.test(entry.name))?.content ?? "";
      return `${seen.replaceAll(/ 20[12]\d-[^ ]+ [^ ]+/g, " now")}\n${exportLines(entries).join("\n")}\n`;
    } finally {
      await this.#call(`/containers/${Id}?force=1`, { method: "DELETE" });
    }
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    const reply = await fetch(`http://localhost${path}`, { ...init, unix: this.#socket });
    if (!reply.ok) throw new Error(`${init.method ?? "GET"} ${path}: ${reply.status} ${await reply.text()}`);
    return reply;
  }
}

const look = `cd /; find odd tmp -print0 | sort -z >/list; find odd tmp -type f -print0 | sort -z >/files; exec >/listing 2>&1
  xargs -0 stat -c '%n %A %u:%g %t:%T %y' </list
  xargs -0 stat -c '%n %h links %s bytes' </files
  xargs -0 md5sum </files
  find odd -type l -print0 | sort -z | xargs -0 -n 1 readlink`;

function exportLines(entries: readonly ListedEntry[]): readonly string[] {
  return entries
    .map(({ entry }) => entry)
    .filter(({ name }) => /^(\.\/)?(odd|tmp)\//.test(name))
    .map(({ name, type, mode, uid, gid, size, linkName, major, minor, mtime, xattrs }) => {
      const attributes = [...xattrs]
        .filter(([key]) => !key.startsWith("user."))
        .map(([key, value]) => `${key}=${Buffer.from(value, "latin1").toString("hex")}`)
        .toSorted();
      const seconds = mtime.seconds > 1_500_000_000 ? "now" : String(mtime.seconds);
      return [
        plainName(name),
        type,
        mode.toString(8),
        `${uid}:${gid}`,
        size,
        plainName(linkName),
        `${major}:${minor}`,
        seconds,
        ...attributes,
      ].join(" ");
    })
    .toSorted();
}

function plainName(name: ByteString): string {
  return name.replace(/^\.\//, "");
}
