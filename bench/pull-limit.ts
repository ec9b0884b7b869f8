// bun pull-limit.ts URL...: what no pull can be quicker than. Blobs are fetched at once and kept in files, then inflated by libdeflate and hashed, packed
// and plain, in one thread. Prints the milliseconds.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "gantry-limit-"));
const began = performance.now();
const fetched = process.argv.slice(2).map(async (url, at) => {
  const path = join(folder, String(at));
  const curl = Bun.spawn(["curl", "-sSfo", path, url], { stdio: ["ignore", "ignore", "inherit"] });
  if ((await curl.exited) !== 0) throw new Error(`curl ${url}`);
  return path;
});
for (const path of await Promise.all(fetched)) {
  const packed = await readFile(path);
  const plain = Bun.gunzipSync(packed, { library: "libdeflate" });
  for (const bytes of [packed, plain]) new Bun.CryptoHasher("sha256").update(bytes).digest();
}
console.log(performance.now() - began);
await rm(folder, { recursive: true });
