// PostgreSQL 15 and Redis outlive kill -9 of their containers and of the daemon. The root that has both takes minutes to make
// (bun scripts/images/databases.ts): where it is not in .cache only test:long makes it, and here Redis runs from a root of its own.
import { afterAll, beforeAll, describe, setDefaultTimeout, test } from "bun:test";
import { databasesArchive, hasDatabasesArchive, redisArchive } from "../../scripts/images/databases-image.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { beginPostgres, bringDatabases, outlivesKills, postgres, redis } from "../support/databases.ts";
import { toolPath } from "../support/tools.ts";

setDefaultTimeout(120_000);

const both = hasDatabasesArchive() || process.env["GANTRY_LONG"] !== undefined;

describe("what was written is there after kill -9 of container and daemon", () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ config: { "init-path": toolPath("tini-static") } });
    await bringDatabases(daemon, both ? databasesArchive() : redisArchive());
  }, 900_000);
  afterAll(() => daemon[Symbol.asyncDispose]());

  const made = "bun scripts/images/databases.ts makes its root";
  test.skipIf(!both)(both ? "postgres" : `postgres [skip: ${made}]`, async () => {
    await beginPostgres(daemon);
    await outlivesKills(daemon, postgres);
  });

  test("redis", () => outlivesKills(daemon, redis));
});
