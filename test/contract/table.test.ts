import { StateDatabase } from "#store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryTable } from "../support/memory-table.ts";
import { tableContract } from "./table.ts";

tableContract("StateDatabase", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gantry-table-"));
  return {
    open: () => StateDatabase.open({ path: join(folder, "state.db") }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

tableContract("MemoryTable", () => {
  const kept = new Map<string, Map<string, never>>();
  return Promise.resolve({
    open: () => {
      const opened = new Map<string, MemoryTable<never>>();
      for (const [name, rows] of kept) opened.set(name, new MemoryTable(rows));
      return Promise.resolve({
        table: (name: string) => {
          const rows = kept.get(name) ?? new Map<string, never>();
          kept.set(name, rows);
          const table = opened.get(name) ?? new MemoryTable(rows);
          opened.set(name, table);
          return table;
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
