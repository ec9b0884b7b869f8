// What is not there yet parses as Docker does: every such command with a flag nobody knows, without arguments and with too many, beside the
// stock client. No daemon is asked.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { absentTable } from "../../src/cli/absent/table.ts";
import { run } from "../support/command.ts";
import { builtProgram, stockClient } from "../support/tools.ts";

const paths = absentTable
  .trim()
  .split("\n")
  .flatMap((line) => (line.split(" ;")[0] ?? "").split(", "));

// The stock client makes its folder when it is not there.
const home = mkdtempSync(join(tmpdir(), "gantry-client-"));
afterAll(() => rmSync(home, { recursive: true }));
const env = { DOCKER_HOST: "unix:///absent.sock", DOCKER_CONFIG: home, DOCKER_CONTEXT: "" };

/** The usage of cp has two lines; scale looks at its arguments before it says how many there may be. */
const excepted = /^(container cp|cp|service scale)$/;

async function answer(program: string, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run([program, ...words], { env });
  const said = stderr.replaceAll("SRun '", "Run '").replace(/^DEPRECATED[\s\S]*?\n\n/, "");
  return `${code}\n${stdout}${said}`;
}

describe.each([[["--nope"]], [["-Z"]], [[]], [Array.from({ length: 9 }, () => "a")]])(
  "a command that is not there yet, with %j",
  (words) => {
    test.each(paths.filter((path) => !excepted.test(path)))("%s", async (path) => {
      const line = [...path.split(" "), ...words];
      const [ours, theirs] = await Promise.all([answer(builtProgram("docker"), line), answer(stockClient(), line)]);
      // Docker took the line as well: it went on to the daemon, or printed its help where there was nothing to do.
      if (ours === `1\ndocker: gantry does not have the command 'docker ${path}' yet\n`)
        expect(theirs).toMatch(/^0\n|^1\n(?![\s\S]*Usage:)/);
      else expect(ours).toBe(theirs);
    });
  },
);
