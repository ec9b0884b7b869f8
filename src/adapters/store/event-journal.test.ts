import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineEvent, eventsKept } from "#event";
import { FileEventJournal } from "./event-journal.ts";

let folder: string;
let failures: string[];

beforeEach(async () => {
  failures = [];
  folder = await mkdtemp(join(tmpdir(), "gantry-journal-"));
});

afterEach(() => rm(folder, { recursive: true }));

const open = (place = folder): Promise<FileEventJournal> =>
  FileEventJournal.open({ folder: place, logger: { error: (message) => failures.push(message) } });

function eventOf(number: number): EngineEvent {
  return { number, type: "container", action: "start", actorId: "ü\n", attributes: { name: "x" }, at: 1_795_248_576_271_234_567n };
}

/** What a daemon does in its life: announce so many events, and end cleanly. */
async function announce(first: number, last: number): Promise<void> {
  await using journal = await open();
  for (let number = first; number <= last; number += 1) journal.append(eventOf(number));
}

async function left(): Promise<{ readonly last: number; readonly numbers: readonly number[] }> {
  await using journal = await open();
  return { last: journal.last, numbers: (await journal.earlier()).map(({ number }) => number) };
}

describe("FileEventJournal", () => {
  test("gives back what an earlier daemon appended, to the last digit", async () => {
    await announce(1, 3);
    await using journal = await open();
    expect(journal.last).toBe(3);
    expect(await journal.earlier()).toEqual([eventOf(1), eventOf(2), eventOf(3)]);
  });

  test("tells nothing of its own daemon's events, and holds all that were appended while it was read", async () => {
    await announce(1, 2);
    {
      await using journal = await open();
      journal.append(eventOf(3));
      const reading = journal.earlier();
      journal.append(eventOf(4));
      expect((await reading).map(({ number }) => number)).toEqual([1, 2]);
    }
    expect(await left()).toEqual({ last: 4, numbers: [1, 2, 3, 4] });
  });

  test("passes over a line that a crash cut off, and over bytes that are none", async () => {
    await announce(1, 2);
    await appendFile(join(folder, "events.jsonl"), '{"number":3,"type":"cont');
    expect(await left()).toEqual({ last: 2, numbers: [1, 2] });
    await announce(3, 3);
    await appendFile(join(folder, "events.jsonl"), "\0\0\n{}\n");
    expect((await left()).numbers).toEqual([1, 2, 3]);
  });

  test("keeps the newest 10,000 in two files of bounded size, over several daemons", async () => {
    for (let daemon = 0; daemon < 5; daemon += 1) await announce(1 + daemon * 6000, (daemon + 1) * 6000);
    const { last, numbers } = await left();
    expect(last).toBe(30_000);
    expect(numbers).toEqual(Array.from({ length: eventsKept }, (_, index) => 20_001 + index));
    expect((await readdir(folder)).toSorted()).toEqual(["events.jsonl", "events.old.jsonl"]);
  });

  test("goes on when the disk takes no events, says so once, and writes again when it does", async () => {
    const place = join(folder, "late");
    await using journal = await open(place);
    for (const number of [1, 2]) {
      journal.append(eventOf(number));
      await journal.earlier();
    }
    expect(failures).toEqual(["events are not written"]);
    await mkdir(place);
    journal.append(eventOf(3));
    await journal.earlier();
    expect(failures.length).toBe(1);
    expect((await Bun.file(join(place, "events.jsonl")).text()).trim()).toStartWith('{"number":3,');
  });
});
