// A disk that a test may cut off from power: ext4 on a loop device on a file whose server writes down what is written and flushed. What a cut at
// some instant leaves is everything up to the last flush, and of what came later any blocks that the disk happened to have written.
import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "./command.ts";
import type { Enclosure } from "./enclosure.ts";
import { readRecords } from "./recorded-disk-log.ts";
import type { TestPlace } from "./test-place.ts";

const block = 4096;

interface Pieces {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** For the daemon of one place, in an enclosure, and gone with both. Cuts are made in the order of their positions. */
export class RecordedDisk implements AsyncDisposable {
  readonly #enclosure: Enclosure;
  readonly #place: TestPlace;
  readonly #server: Bun.Subprocess<"ignore", "pipe", "inherit">;
  /** What is on the disk for good, up to `#applied` of the log. */
  readonly #settled: string;
  #applied = 0;

  private constructor(enclosure: Enclosure, place: TestPlace, server: Bun.Subprocess<"ignore", "pipe", "inherit">) {
    this.#enclosure = enclosure;
    this.#place = place;
    this.#server = server;
    this.#settled = join(place.home, "settled.img");
  }

  /** Mounted where the daemon keeps its data. */
  static async open(enclosure: Enclosure, place: TestPlace, megabytes: number): Promise<RecordedDisk> {
    const { home } = place;
    const image = join(home, "recorded.img");
    writeFileSync(image, "");
    truncateSync(image, megabytes * 1024 * 1024);
    await succeed(["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", image]);
    copyFileSync(image, join(home, "settled.img"));
    mkdirSync(place.dataRoot, { mode: 0o710 });
    mkdirSync(join(home, "recorded"));
    const program = [process.execPath, join(import.meta.dir, "recorded-disk-server.ts")];
    const server = Bun.spawn([...enclosure.prefix, ...program, image, join(home, "recorded"), join(home, "recorded.log")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const disk = new RecordedDisk(enclosure, place, server);
    for await (const _ready of server.stdout) break;
    await disk.#mount(join(home, "recorded/disk"));
    return disk;
  }

  /** How much it was told until now. */
  get position(): number {
    return statSync(this.#log, { throwIfNoEntry: true }).size;
  }

  get #log(): string {
    return join(this.#place.home, "recorded.log");
  }

  /** Takes the recorded disk out of the daemon's way; from then on there are only cuts. */
  async stop(): Promise<void> {
    await this.unmount();
    await succeed([...this.#enclosure.prefix, "umount", join(this.#place.home, "recorded")]);
    await this.#server.exited;
  }

  /** Mounts what a cut at this position may have left: each block that was not flushed is there by the odds, and random as the caller likes. */
  async cut(position: number, { odds, random }: { readonly odds: number; readonly random: () => number }): Promise<void> {
    const pending = this.#settleUntil(position);
    const image = join(this.#place.home, "cut.img");
    await succeed(["cp", "--sparse=always", this.#settled, image]);
    const kept = pending.flatMap(blocksOf).filter(() => random() < odds);
    writePieces(image, kept);
    await this.#mount(image);
  }

  async unmount(): Promise<void> {
    await succeed([...this.#enclosure.prefix, "umount", this.#place.dataRoot]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Either may be gone already.
    await run([...this.#enclosure.prefix, "umount", "-l", this.#place.dataRoot]);
    await run([...this.#enclosure.prefix, "umount", "-l", join(this.#place.home, "recorded")]);
    this.#server.kill();
    await this.#server.exited;
  }

  /** Writes everything up to the last flush before the position, and gives what came behind it. */
  #settleUntil(position: number): readonly Pieces[] {
    const log = openSync(this.#log, "r");
    let pending: Pieces[] = [];
    try {
      for (const { kind, offset, bytes, end } of readRecords(log, this.#applied, position)) {
        if (kind === "write") pending.push({ offset, bytes });
        else {
          writePieces(this.#settled, pending);
          pending = [];
          this.#applied = end;
        }
      }
    } finally {
      closeSync(log);
    }
    return pending;
  }

  async #mount(image: string): Promise<void> {
    await succeed([...this.#enclosure.prefix, "mount", "-o", "loop", image, this.#place.dataRoot]);
  }
}

/** A disk tears writes, but no block. */
function blocksOf({ offset, bytes }: Pieces): readonly Pieces[] {
  const pieces: Pieces[] = [];
  for (let at = 0; at < bytes.length; at += block) pieces.push({ offset: offset + at, bytes: bytes.subarray(at, at + block) });
  return pieces;
}

function writePieces(path: string, pieces: readonly Pieces[]): void {
  const file = openSync(path, "r+");
  for (const { offset, bytes } of pieces) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}
