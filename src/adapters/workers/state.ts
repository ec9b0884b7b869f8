// The writer of the state database: one thread, one file.
import { serveStateDatabase } from "#store";

serveStateDatabase();
