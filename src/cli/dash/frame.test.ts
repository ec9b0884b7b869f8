import { describe, expect, test } from "bun:test";
import { applyKey, type DashRow, type DashState, firstState, selectedIndex, sorted } from "./board-state.ts";
import { drawFrame, type Picture, tableHeight } from "./frame.ts";
import { readKeys } from "./keys.ts";

const figures = { cpu: 0, memory: 0, memoryLimit: 4096, received: 0, sent: 0, read: 0, written: 0, processes: 1 };

function row(name: string, fields: Partial<DashRow> = {}): DashRow {
  return { id: name.repeat(12).slice(0, 12), name, image: "busybox", status: "Up 5 minutes", state: "running", figures, ...fields };
}

const web = row("web", { figures: { ...figures, cpu: 5, memory: 1024 } });
const db = row("db", { figures: { ...figures, cpu: 1, memory: 3072, received: 10 } });
const off = row("off", { state: "exited", status: "Exited (0) 2 hours ago" });
const done: DashRow = { id: off.id, name: off.name, image: off.image, state: off.state, status: off.status };
const rows = [web, db, done];

const names = (state: DashState): string[] => sorted(rows, state).map(({ name }) => name);

describe("sorted()", () => {
  test("goes by words upwards and by figures downwards, and the same key again turns it", () => {
    expect(names(firstState)).toEqual(["db", "off", "web"]);
    const byCpu = applyKey(firstState, "c", rows, 5);
    expect(names(byCpu)).toEqual(["web", "db", "off"]);
    expect(names(applyKey(byCpu, "c", rows, 5))).toEqual(["off", "db", "web"]);
    expect(names(applyKey(byCpu, "m", rows, 5))).toEqual(["db", "web", "off"]);
    expect(names(applyKey(byCpu, "t", rows, 5))).toEqual(["db", "web", "off"]);
    expect(names(applyKey(byCpu, "u", rows, 5))).toEqual(["off", "db", "web"]);
  });
});

describe("applyKey()", () => {
  const walk = (...keys: readonly string[]): number =>
    selectedIndex(
      keys.reduce((state, key) => applyKey(state, key, rows, 2), firstState),
      rows,
    );

  test("moves over the rows and stops at the ends", () => {
    expect([
      walk(),
      walk("down"),
      walk("down", "up", "up"),
      walk("end"),
      walk("end", "home"),
      walk("page-down"),
      walk("down", "page-up"),
    ]).toEqual([0, 1, 0, 2, 0, 2, 0]);
  });

  test("follows the chosen row to its new place, and takes the first when it is gone", () => {
    const chosen = applyKey(firstState, "down", rows, 2);
    expect(chosen.selected).toBe(db.id);
    expect(selectedIndex(chosen, [db, web])).toBe(0);
    expect(selectedIndex(chosen, [web])).toBe(0);
    expect(selectedIndex(chosen, [])).toBe(-1);
    expect(applyKey(chosen, "x", rows, 2)).toBe(chosen);
  });
});

describe("readKeys()", () => {
  test("names keys, splits what came together, drops what nobody knows", () => {
    const keys = (text: string): string[] => readKeys(new TextEncoder().encode(text));
    expect(keys("\u001b[A\u001bOBjsq\u0003\u001b[5~\u001b[1;5Cé")).toEqual(["up", "down", "down", "s", "quit", "quit", "page-up", "é"]);
  });
});

describe("drawFrame()", () => {
  const picture = (fields: Partial<Picture> = {}): Picture => ({
    rows,
    state: { ...firstState, selected: db.id },
    log: ["one", "two"],
    size: { rows: 12, columns: 100 },
    colours: false,
    ...fields,
  });

  test("shows rows, the log of the chosen one and the keys", () => {
    expect(drawFrame(picture())).toEqual([
      "3 containers, 2 running",
      "  NAME▼                   CPU %    MEMORY           NET I/O  PIDS STATUS                     IMAGE",
      "  web                     5.00%      1KiB           0B / 0B     1 Up 5 minutes               busybox",
      "> db                      1.00%      3KiB          10B / 0B     1 Up 5 minutes               busybox",
      "  off                                                             Exited (0) 2 hours ago     busybox",
      "",
      "Log of db",
      "one",
      "two",
      "",
      "",
      "↑↓ choose  n c m t u order  s stop  r restart  p pause  q quit",
    ]);
  });

  test("is never larger than the terminal, whatever its size", () => {
    const many = Array.from({ length: 50 }, (_, index) => row(`container-${index}-漢字`));
    for (const size of [
      { rows: 1, columns: 1 },
      { rows: 2, columns: 10 },
      { rows: 5, columns: 40 },
      { rows: 40, columns: 300 },
    ]) {
      const lines = drawFrame(
        picture({
          rows: many,
          size,
          log: ["x".repeat(1000), "y", "z"],
          state: { ...firstState, selected: many[49]?.id ?? "" },
        }),
      );
      expect([size, lines.length]).toEqual([size, size.rows]);
      expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(Math.max(1, size.columns));
    }
    expect(
      drawFrame(picture({ rows: many, state: { ...firstState, selected: many[49]?.id ?? "" } })).some((line) =>
        line.startsWith("> container-49"),
      ),
    ).toBe(true);
    expect(tableHeight({ rows: 1, columns: 1 })).toBe(1);
  });

  test("lets no name, image, status, log line or message of others speak to the terminal", () => {
    const evil = "a\u001b]52;c;aGk=\u0007\u001b[2J\u009b31mb";
    const lines = drawFrame(
      picture({
        rows: [row(evil, { image: evil, status: evil })],
        log: [evil],
        state: { ...firstState, message: evil },
        size: { rows: 12, columns: 140 },
      }),
    );
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes("ab")).length).toBe(4);
  });

  test("uses no sequence at all without colours, and with them only those of style", () => {
    const plain = drawFrame(picture()).join("");
    const coloured = drawFrame(picture({ colours: true })).join("");
    expect(/\p{Cc}/u.test(plain)).toBe(false);
    const unstyled = ["0", "1", "2", "4", "7"].reduce((text, code) => text.replaceAll(`\u001b[${code}m`, ""), coloured);
    expect(unstyled).not.toBe(coloured);
    expect(/\p{Cc}/u.test(unstyled)).toBe(false);
  });
});
