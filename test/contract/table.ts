import type { Table } from "#base";
import { describe, expect, test } from "bun:test";

/** A place that holds tables and can be closed and opened again. */
export interface TablePlace extends AsyncDisposable {
  open(): Promise<OpenTables>;
}

export interface OpenTables extends AsyncDisposable {
  table<Row>(name: string): Table<Row>;
}

async function reloaded(place: TablePlace, name: string): Promise<readonly unknown[]> {
  await using tables = await place.open();
  return await tables.table(name).load();
}

/** What base/table.ts promises, for any place that tables can live in. */
export function tableContract(name: string, makePlace: () => Promise<TablePlace>): void {
  describe(`${name} as a Table`, () => {
    test("load() of a table that was never written is empty", async () => {
      await using place = await makePlace();
      expect(await reloaded(place, "containers")).toEqual([]);
    });

    test("load() gives what was there at opening, in the byte order of keys", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        const table = tables.table<{ key: string }>("containers");
        // U+FFFF sorts before U+10000 in UTF-8 and after it in UTF-16.
        for (const key of ["b", "\u{10000}", "a", "\uffff", "B", ""]) await table.put(key, { key }, "volatile");
      }
      const rows = ["", "B", "a", "b", "\uffff", "\u{10000}"].map((key) => ({ key }));
      expect(await reloaded(place, "containers")).toEqual(rows);
    });

    test("load() after a put still gives what was there at opening", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        await tables.table<number>("tags").put("old", 1, "volatile");
      }
      await using tables = await place.open();
      const table = tables.table<number>("tags");
      await table.put("new", 2, "volatile");
      expect(await table.load()).toEqual([1]);
    });

    test("load() a second time is refused, since the rows are in memory by then", async () => {
      await using place = await makePlace();
      await using tables = await place.open();
      const table = tables.table("tags");
      await table.load();
      expect(
        await table.load().then(
          () => "loaded",
          () => "refused",
        ),
      ).toBe("refused");
    });

    test("put() replaces, remove() of what is not there is no error", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        const table = tables.table<{ n: number }>("images");
        await table.put("x", { n: 1 }, "durable");
        await table.put("x", { n: 2 }, "durable");
        await table.put("gone", { n: 3 }, "volatile");
        await table.remove("gone", "durable");
        await table.remove("gone", "volatile");
        await table.remove("never", "durable");
      }
      expect(await reloaded(place, "images")).toEqual([{ n: 2 }]);
    });

    test("put() and remove() take effect in the order of their calls, awaited or not", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        const table = tables.table<number>("counters");
        const changes: Promise<void>[] = [];
        for (let n = 0; n < 200; n += 1) {
          changes.push(table.put("last", n, n % 3 === 0 ? "durable" : "volatile"));
          changes.push(n % 2 === 0 ? table.put("even", n, "volatile") : table.remove("even", "volatile"));
        }
        await Promise.all(changes);
      }
      expect(await reloaded(place, "counters")).toEqual([199]);
    });

    test("a lazy put() goes with the next change that is waited for, and by itself when none comes", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        const table = tables.table<string>("lazies");
        const company = table.put("a", "with company", "lazy");
        await table.put("b", "waited for", "volatile");
        await company;
        await table.put("c", "alone", "lazy");
        void table.put("d", "at the end", "lazy");
      }
      expect(await reloaded(place, "lazies")).toEqual(["with company", "waited for", "alone", "at the end"]);
    });

    test("put() keeps the row as it was at the call", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        const row = { list: [1] };
        const put = tables.table<typeof row>("rows").put("x", row, "volatile");
        row.list.push(2);
        await put;
      }
      expect(await reloaded(place, "rows")).toEqual([{ list: [1] }]);
    });

    test("put() brings back bigints, hostile keys and any text", async () => {
      const row = {
        at: 1_763_712_000_123_456_789n,
        negative: -(2n ** 70n),
        list: [0n, null, true, 1.5, { deep: 1n }],
        labels: JSON.parse('{"__proto__":"x","constructor":"y","$bigint":"12","$$bigint":"13","$":"14"}') as object,
        text: "\u0000\ud83d\ude00\u2028'\"; DROP TABLE rows; --",
      };
      await using place = await makePlace();
      {
        await using tables = await place.open();
        await tables.table("rows").put("'\"\u0001", row, "durable");
      }
      const [back] = await reloaded(place, "rows");
      expect(back).toEqual(row);
      expect(Object.keys((back as typeof row).labels)).toEqual(["__proto__", "constructor", "$bigint", "$$bigint", "$"]);
      expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    });

    test("tables of one place are apart", async () => {
      await using place = await makePlace();
      {
        await using tables = await place.open();
        await Promise.all([tables.table("one").put("k", 1, "durable"), tables.table("two").put("k", 2, "durable")]);
      }
      await using tables = await place.open();
      expect([await tables.table("one").load(), await tables.table("two").load()]).toEqual([[1], [2]]);
    });
  });
}
