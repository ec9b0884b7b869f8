import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigFile, configFolder } from "./config-file.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gantry-config-"));
});

afterAll(() => rmSync(root, { recursive: true }));

function folderWith(text?: string): string {
  const folder = mkdtempSync(join(root, "c-"));
  if (text !== undefined) writeFileSync(join(folder, "config.json"), text);
  return folder;
}

test("configFolder() is --config, else DOCKER_CONFIG, else ~/.docker", () => {
  const env = { DOCKER_CONFIG: "/from/env", HOME: "/someone" };
  expect([configFolder("/flag", env), configFolder("", env), configFolder("", { HOME: "/someone" })]).toEqual([
    "/flag",
    "/from/env",
    "/someone/.docker",
  ]);
});

describe("ConfigFile", () => {
  test("of a folder without one is empty and has no problem", async () => {
    const config = await ConfigFile.open("/absent");
    expect([config.text("psFormat"), config.list("cliPluginsExtraDirs"), config.texts("HttpHeaders"), config.problem]).toEqual([
      "",
      [],
      {},
      undefined,
    ]);
  });

  test("gives what each key holds", async () => {
    const text = '{"psFormat":"{{.ID}}","cliPluginsExtraDirs":["/a"],"HttpHeaders":{"X-A":"b"},"proxies":{"default":{"httpProxy":"p"}}}';
    const config = await ConfigFile.open(folderWith(text));
    expect([config.text("psFormat"), config.list("cliPluginsExtraDirs"), config.texts("HttpHeaders"), config.objects("proxies")]).toEqual([
      "{{.ID}}",
      ["/a"],
      { "X-A": "b" },
      { default: { httpProxy: "p" } },
    ]);
  });

  test.each([
    ["{bad", "invalid character 'b' looking for beginning of object key string"],
    ["", "EOF"],
    ["[]", "json: cannot unmarshal array into Go value of type configfile.ConfigFile"],
    ['{"psFormat":3}', "json: cannot unmarshal number into Go struct field ConfigFile.psFormat of type string"],
  ])("names what is wrong with %p in Docker's words", async (text, problem) => {
    const folder = folderWith(text);
    expect((await ConfigFile.open(folder)).problem).toBe(`parsing config file (${folder}/config.json): ${problem}`);
  });

  test("loses only the keys of the wrong type", async () => {
    const config = await ConfigFile.open(folderWith('{"psFormat":3,"detachKeys":"a"}'));
    expect([config.text("psFormat"), config.text("detachKeys")]).toEqual(["", "a"]);
  });

  test("save() keeps what it does not know, the order and the file's mode, and leaves nothing beside it", async () => {
    const folder = folderWith('{"unknown":{"x":[1]},"currentContext":"a","auths":{"h":{"auth":"c2VjcmV0"}}}');
    chmodSync(join(folder, "config.json"), 0o640);
    (await ConfigFile.open(folder)).save("currentContext", "b");
    const written = readFileSync(join(folder, "config.json"), "utf8");
    expect(Object.entries(JSON.parse(written) as object)).toEqual([
      ["unknown", { x: [1] }],
      ["currentContext", "b"],
      ["auths", { h: { auth: "c2VjcmV0" } }],
    ]);
    expect([statSync(join(folder, "config.json")).mode & 0o777, readdirSync(folder)]).toEqual([0o640, ["config.json"]]);
  });

  test("save() makes folder and file for their owner alone, and an empty text removes the key", async () => {
    const folder = join(folderWith(), "new");
    (await ConfigFile.open(folder)).save("currentContext", "b");
    expect([statSync(folder).mode & 0o777, statSync(join(folder, "config.json")).mode & 0o777]).toEqual([0o700, 0o600]);
    (await ConfigFile.open(folder)).save("currentContext", "");
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe("{}");
  });

  test("save() writes through a link", async () => {
    const folder = folderWith();
    const elsewhere = folderWith("{}");
    symlinkSync(join(elsewhere, "config.json"), join(folder, "config.json"));
    (await ConfigFile.open(folder)).save("currentContext", "b");
    expect(JSON.parse(readFileSync(join(elsewhere, "config.json"), "utf8"))).toEqual({ currentContext: "b" });
  });

  test("save() does not write over a file that it could not read", async () => {
    const folder = folderWith('{"auths":');
    const config = await ConfigFile.open(folder);
    expect(() => config.save("currentContext", "b")).toThrow("is left as it is");
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe('{"auths":');
    expect(existsSync(join(folder, `config.json.${process.pid}`))).toBe(false);
  });
});
