// A process that writes to a state database until it is killed: `bun state-child.ts MODE PATH`.
//   count  puts growing numbers and says each one that was acknowledged
//   fixed  one durable change over an old one, then a checkpoint and an orderly end
//   runs   nothing but the rows of containers that come and go, as PATH and the durability say
import { StateDatabase } from "#store";
import { writeSync } from "node:fs";

const [, , mode = "", path = "", durability = "volatile"] = process.argv;

/** A row of several pages whose parts can be checked against each other. */
function row(n: number): { n: number; padding: string; again: number } {
  return { n, padding: `${n}.`.repeat(5000), again: n };
}

async function count(database: StateDatabase): Promise<void> {
  const table = database.table("counter");
  let n = Number((await table.load()).length > 0 ? process.env["FROM"] : 0);
  for (;;) {
    n += 1;
    const pair = [table.put("one", row(n), n % 2 === 0 ? "durable" : "volatile"), table.put("other", row(n), "volatile")];
    await Promise.all(pair);
    process.stdout.write(`${n}\n`);
  }
}

async function fixed(database: StateDatabase): Promise<void> {
  const table = database.table("counter");
  await Promise.all([table.put("one", row(2), "durable"), table.put("other", row(2), "durable")]);
  process.stdout.write("2\n");
}

async function runs(database: StateDatabase): Promise<void> {
  const table = database.table("containers");
  await table.put("warm", row(0), "durable");
  writeSync(2, "BEGIN\n");
  for (let n = 0; n < 20; n += 1) {
    await table.put(`c${n}`, row(n), durability === "durable" ? "durable" : "volatile");
    for (const state of ["starting", "running", "exited"]) await table.put(`c${n}`, { ...row(n), state }, "volatile");
    await table.remove(`c${n}`, durability === "durable" ? "durable" : "volatile");
  }
  writeSync(2, "END\n");
}

await using database = await StateDatabase.open({ path });
const modes: Readonly<Record<string, (database: StateDatabase) => Promise<void>>> = { count, fixed, runs };
await modes[mode]?.(database);
