import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigFile } from "./config-file.ts";
import { proxyEnvironment } from "./proxy-environment.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-proxy-"));
  const proxies = {
    default: { httpProxy: "http://p:1", noProxy: "*.local" },
    "unix:///other": { allProxy: "socks5://q" },
    "unix:///odd": { ftpProxy: 3 },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ proxies }));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["unix:///any", [], ["HTTP_PROXY=http://p:1", "http_proxy=http://p:1", "NO_PROXY=*.local", "no_proxy=*.local"]],
  ["unix:///any", ["HTTP_PROXY=", "no_proxy"], ["http_proxy=http://p:1", "NO_PROXY=*.local"]],
  ["unix:///other", [], ["ALL_PROXY=socks5://q", "all_proxy=socks5://q"]],
  ["unix:///odd", [], []],
])("proxyEnvironment() for %p beside %j is %j", async (daemon, given, expected) => {
  expect(proxyEnvironment(await ConfigFile.open(folder), daemon, given)).toEqual(expected);
});
