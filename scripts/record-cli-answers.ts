// Asks Docker's client the recorded command lines anew: bun scripts/record-cli-answers.ts [PROGRAM]. It needs openssl for a certificate
// that Docker takes, and no daemon.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerLines, type CliAnswers } from "../test/support/cli-lines.ts";
import { succeed } from "../test/support/command.ts";
import { contextFiles, contextLines } from "../test/support/context-lines.ts";
import { stockClient } from "../test/support/tools.ts";

const program = process.argv[2] ?? stockClient();
const folder = mkdtempSync(join(tmpdir(), "gantry-record-"));
const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
await succeed(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=x"]);
const files = { ...contextFiles, "key.pem": readFileSync(key), "cert.pem": readFileSync(cert) };
const client = (await succeed([program, "--version"])).trim();
const answers = await answerLines(program, contextLines, files);
rmSync(folder, { recursive: true });
const path = join(import.meta.dir, "../test/fixtures/cli-answers/contexts.json");
await Bun.write(path, `${JSON.stringify({ client, answers } satisfies CliAnswers, undefined, 1)}\n`);
console.log(`${answers.length} answers of ${client}`);
