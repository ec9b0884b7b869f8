import { expect, test } from "bun:test";
import { serviceCommand } from "./autostart.ts";

test("serviceCommand() hands the daemon to systemd as it is, with its log and without limits", () => {
  const command = serviceCommand("/run/gantry/gantryd.log", ["/usr/bin/gantry", "daemon"]);
  expect(command[0]).toBe("systemd-run");
  expect(command.slice(-3)).toEqual(["--", "/usr/bin/gantry", "daemon"]);
  expect(command).toContain("--property=StandardOutput=append:/run/gantry/gantryd.log");
  // What containers need of the daemon's end: that it is the daemon's alone.
  expect(command).toContain("--property=KillMode=process");
});
