// bun scripts/images/databases.ts: makes the root with PostgreSQL and Redis that tests bring in, and says where it lies.
import { databasesArchive } from "./databases-image.ts";

console.log(databasesArchive());
