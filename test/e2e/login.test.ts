// docker login through the daemon, at a registry with passwords.
import { expect, test } from "bun:test";
import { startDaemon } from "../support/daemon.ts";
import { startRegistry } from "../support/registry.ts";

test("Docker's client logs in with the right password and not with another", async () => {
  await using daemon = await startDaemon();
  await using registry = await startRegistry({ users: { bob: "secret" } });
  const login = (password: string) => daemon.docker(["login", "-u", "bob", "--password-stdin", registry.host], { stdin: password });
  const good = await login("secret");
  expect([good.code, good.stdout]).toEqual([0, "Login Succeeded\n"]);
  const bad = await login("wrong");
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain(`login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized`);
  expect(daemon.log).not.toContain("secret");
});
