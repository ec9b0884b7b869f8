// PostgreSQL and Redis in containers that are killed, with the daemon, while they hold data: what was said to be written is there afterwards.
import { expect } from "bun:test";
import type { TestDaemon } from "./daemon.ts";
import { waitFor } from "./wait-for.ts";

interface Database {
  readonly name: string;
  /** What `run` is told between the image's flags and its end. */
  readonly flags: readonly string[];
  readonly command: readonly string[];
  /** A command in the container that ends with 0 once it answers. */
  readonly ready: readonly string[];
  readonly write: readonly string[];
  readonly read: readonly string[];
  readonly written: string;
}

const image = "databases:latest";
const bin = "/usr/lib/postgresql/15/bin";
const sql = (text: string): readonly string[] => [`${bin}/psql`, "-h", "/tmp", "-U", "postgres", "-qAt", "-c", text];

export const postgres: Database = {
  name: "postgres",
  flags: [
    "-u",
    "postgres",
    "--shm-size",
    "128m",
    "-v",
    "postgres-data:/var/lib/postgresql",
    "-m",
    "512m",
    "--read-only",
    "--tmpfs",
    "/tmp",
  ],
  command: [`${bin}/postgres`, "-D", "/var/lib/postgresql/main", "-k", "/tmp"],
  ready: [`${bin}/pg_isready`, "-h", "/tmp"],
  write: sql(
    "create table held (n int primary key, words text); insert into held select n, repeat('x', 100) from generate_series(1, 5000) n",
  ),
  read: sql("select count(*), sum(n), sum(length(words)) from held"),
  written: "5000|12502500|500000\n",
};

export const redis: Database = {
  name: "redis",
  flags: ["-u", "redis", "-v", "redis-data:/var/lib/redis", "--cap-drop", "ALL", "--init"],
  command: ["redis-server", "--dir", "/var/lib/redis", "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  ready: ["redis-cli", "ping"],
  write: ["redis-cli", "eval", "for n = 1, 5000 do redis.call('set', 'key' .. n, n) end return redis.call('dbsize')", "0"],
  read: ["redis-cli", "eval", "local sum = 0; for n = 1, 5000 do sum = sum + redis.call('get', 'key' .. n) end return sum", "0"],
  written: "12502500\n",
};

/** Imports an archive that holds one of them, or both. */
export async function bringDatabases(daemon: TestDaemon, archive: string): Promise<void> {
  await succeed(daemon, "import", "-c", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin", archive, image);
}

/** Makes PostgreSQL's first files in its volume. */
export async function beginPostgres(daemon: TestDaemon): Promise<void> {
  const command = [`${bin}/initdb`, "-D", "/var/lib/postgresql/main", "-U", "postgres", "--no-sync"];
  await succeed(daemon, "run", "--rm", "-u", "postgres", "-v", "postgres-data:/var/lib/postgresql", image, ...command);
}

/** Writes, kills the container and the daemon, removes, starts anew on the same volume and reads. */
export async function outlivesKills(daemon: TestDaemon, database: Database): Promise<void> {
  const { name } = database;
  await start(daemon, database);
  await succeed(daemon, "exec", name, ...database.write);
  expect(await succeed(daemon, "exec", name, ...database.read)).toBe(database.written);
  // It runs on without the daemon, and whoever comes back finds it.
  await daemon.kill();
  await daemon.start();
  expect(await succeed(daemon, "exec", name, ...database.read)).toBe(database.written);
  await succeed(daemon, "kill", name);
  await daemon.kill();
  await daemon.start();
  await succeed(daemon, "rm", name);
  await start(daemon, database);
  expect(await succeed(daemon, "exec", name, ...database.read)).toBe(database.written);
  await succeed(daemon, "rm", "-f", name);
}

async function start(daemon: TestDaemon, { name, flags, command, ready }: Database): Promise<void> {
  await succeed(daemon, "run", "-d", "--name", name, ...flags, image, ...command);
  await waitFor(async () => (await daemon.gantry(["exec", name, ...ready])).code === 0, {
    what: `answer of ${name}`,
    deadline: 30_000,
    every: 50,
  });
}

async function succeed(daemon: TestDaemon, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.gantry(args, { patience: 120_000 });
  if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${stderr}${stdout}`);
  return stdout;
}
