import { expect, test } from "bun:test";
import { escaped, formatPage, optionsPart } from "./page.ts";
import { manualPages } from "./pages.ts";

const pages = await manualPages();

test("there is a page for the program, the daemon, each command under each of its names, and each group", () => {
  const expected = ["gantry.1", "gantryd.8", "gantry-run.1", "gantry-container-run.1", "gantry-context.1", "gantry-context-ls.1"];
  expect(expected.filter((name) => !(name in pages))).toEqual([]);
  expect(pages["gantry-container-run.1"]).toBe(".so man1/gantry-run.1\n");
});

test("a page shows every option with its value and default", () => {
  expect(pages["gantry-ps.1"]).toContain(
    "\\fB\\-n\\fR, \\fB\\-\\-last\\fR \\fIint\\fR\nShow n last created containers (includes all states) (default \\-1)",
  );
  expect(Object.values(pages).join("")).not.toContain(process.env["HOME"] === "/" ? "\0" : `${process.env["HOME"]}/`);
});

test("escaped() leaves roff nothing to read as its own", () => {
  expect(escaped(".TH\n'x\\n-a~")).toBe("\\&.TH\n\\&'x\\en\\-a\\(ti");
});

const groff = Bun.which("groff");

test.skipIf(groff === null)("groff has nothing to complain of [skip: groff is not installed]", () => {
  const complaintsOf = (page: string): string => {
    const { stderr } = Bun.spawnSync([groff ?? "", "-man", "-Tutf8", "-ww", "-z"], { stdin: Buffer.from(page) });
    return stderr.toString();
  };
  const whole = Object.entries(pages).filter(([, text]) => !text.startsWith(".so "));
  expect(whole.map(([name, text]) => `${name}${complaintsOf(text)}`)).toEqual(whole.map(([name]) => name));
  const broken = formatPage({ name: "x", section: "1", summary: "y", parts: optionsPart("Options", []) });
  expect(complaintsOf(`${broken}.nosuchmacro\n`)).not.toBe("");
});
