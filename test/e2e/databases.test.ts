// PostgreSQL 15 and Redis outlive kill -9 of their containers and of the daemon. Their root takes minutes to make: without it in .cache
// (bun scripts/images/databases.ts) only test:long runs them.
import { afterAll, beforeAll, describe, setDefaultTimeout, test } from "bun:test";
import { databasesArchive, hasDatabasesArchive } from "../../scripts/images/databases-image.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { bringDatabases, outlivesKills, postgres, redis } from "../support/databases.ts";
import { toolPath } from "../support/tools.ts";

setDefaultTimeout(120_000);

const willRun = hasDatabasesArchive() || process.env["GANTRY_LONG"] !== undefined;

describe.skipIf(!willRun)("what was written is there after kill -9 of container and daemon", () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ config: { "init-path": toolPath("tini-static") } });
    await bringDatabases(daemon, databasesArchive());
  }, 900_000);
  afterAll(() => daemon[Symbol.asyncDispose]());

  for (const database of [postgres, redis]) test(database.name, () => outlivesKills(daemon, database));
});
