// npm test: sets the machine up and runs the gate. Words narrow it, as they do for `bun run check`.
import { spawnSync } from "node:child_process";
import { ensureBun } from "./setup/bun.mjs";
import { ensureClients } from "./setup/clients.mjs";
import { ensureEngineParts, ensureTestParts, requireRoot } from "./setup/host.mjs";
import { root, wholePath } from "./setup/programs.mjs";

requireRoot("npm test");
ensureEngineParts();
ensureTestParts();
const bun = ensureBun();
ensureClients();
const gate = spawnSync(bun, ["scripts/check.ts", ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, PATH: wholePath },
});
process.exit(gate.status ?? 1);
