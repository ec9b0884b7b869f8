import { expect, test } from "bun:test";
import { appArmorProfileOf } from "./app-armor.ts";

test.each([
  [{ privileged: false }, true, "docker-default"],
  [{ privileged: false }, false, "unconfined"],
  [{ privileged: true }, true, "unconfined"],
  [{ privileged: true, securityOptions: ["apparmor=own"] }, true, "own"],
  [{ privileged: false, securityOptions: ["apparmor:unconfined"] }, true, "unconfined"],
  [{ privileged: false, securityOptions: ["apparmor="] }, true, "docker-default"],
])("appArmorProfileOf(%j) where the usual one is there (%p) is %p", (host, hasUsual, profile) => {
  expect(appArmorProfileOf(host, { hasUsual })).toBe(profile);
});
