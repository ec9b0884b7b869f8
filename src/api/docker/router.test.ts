import { expect, test } from "bun:test";
import { absentRoutes, routes } from "#wire";
import { resolve } from "./router.ts";

test("resolve() finds a route with and without a version", () => {
  expect(resolve("GET", "/containers/json")).toMatchObject({ kind: "found", target: { kind: "route", name: "containerList" } });
  expect(resolve("GET", "/v1.41/containers/json")).toMatchObject({
    target: { name: "containerList" },
    version: { major: 1, minor: 41, text: "1.41" },
  });
});

test("resolve() takes names with slashes", () => {
  expect(resolve("GET", "/images/127.0.0.1:5000/team/app:1/json")).toMatchObject({
    target: { name: "imageInspect", params: { name: "127.0.0.1:5000/team/app:1" } },
  });
  expect(resolve("DELETE", "/images/library/busybox")).toMatchObject({
    target: { name: "imageRemove", params: { name: "library/busybox" } },
  });
});

test("resolve() finds each route of the contract by its own path", () => {
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/\{\w+\}/g, "abc");
    expect(resolve(route.method, path)).toMatchObject({ kind: "found", target: { kind: "route", name } });
  }
});

test("resolve() finds each absent route and names it", () => {
  for (const [method, path] of absentRoutes)
    expect(resolve(method, path.replaceAll(/\{\w+\}/g, "abc"))).toMatchObject({ target: { kind: "absent", route: `${method} ${path}` } });
});

test.each([
  ["GET", "/"],
  ["GET", "/foo"],
  ["GET", "/v1.51"],
  ["GET", "/v1.51/"],
  ["GET", "/v1.51/v1.51/_ping"],
  ["GET", "/vabc/version"],
  ["PUT", "/containers/json"],
  ["HEAD", "/version"],
  ["POST", "/_ping"],
  ["POST", "/grpc"],
  ["POST", "/session"],
  ["GET", "/containers/json/"],
])("resolve() knows no %s %s", (method, path) => {
  expect(resolve(method, path)).toEqual({ kind: "unknown" });
});

test.each([
  ["//_ping", "/_ping"],
  ["/containers/../json", "/json"],
  ["/v1.41/containers//json", "/v1.41/containers/json"],
  ["/../../etc/passwd", "/etc/passwd"],
  ["/a/./b/", "/a/b/"],
])("resolve() sends %s to %s", (path, location) => {
  expect(resolve("GET", path)).toEqual({ kind: "moved", location });
});
