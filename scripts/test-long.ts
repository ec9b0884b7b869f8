// bun run test:long [ID...]: the tests of test/long, which take minutes to hours or need a peer. An ID is part of a file's name or of a title's
// first word; without one all of them run.
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const ids = process.argv.slice(2);
const files = [...new Bun.Glob("test/long/*.test.ts").scanSync(root)].toSorted();

async function runAll(chosen: readonly string[], pattern: readonly string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, "test", ...chosen.map((file) => `./${file}`), ...pattern], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, GANTRY_LONG: "1" },
  });
  return child.exited;
}

const named = files.filter((file) => ids.some((id) => file.includes(id)));
if (files.length === 0) throw new Error("test/long is empty");
if (ids.length === 0 || named.length > 0) process.exit(await runAll(ids.length === 0 ? files : named, []));
process.exit(await runAll(files, ["--test-name-pattern", `^(?:${ids.join("|")})\\b`]));
