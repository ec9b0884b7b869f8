import { expect, test } from "bun:test";
import { registryHost } from "./endpoint.ts";

test.each<[string, readonly string[], string, boolean]>([
  ["docker.io", [], "registry-1.docker.io", false],
  ["registry.example", [], "registry.example", false],
  ["127.0.0.1:5000", [], "127.0.0.1:5000", true],
  ["127.9.9.9", [], "127.9.9.9", true],
  ["localhost:5000", [], "localhost:5000", true],
  ["[::1]:5000", [], "[::1]:5000", true],
  ["127.0.0.1.example", [], "127.0.0.1.example", false],
  ["10.1.2.3:5000", ["10.0.0.0/8"], "10.1.2.3:5000", true],
  ["11.1.2.3:5000", ["10.0.0.0/8"], "11.1.2.3:5000", false],
  ["registry.example:80", ["registry.example:80"], "registry.example:80", true],
  ["registry.example:81", ["registry.example:80"], "registry.example:81", false],
])("registryHost() of %s with %j", (domain, insecure, host, isInsecure) => {
  expect(registryHost(domain, insecure)).toEqual({ host, insecure: isInsecure });
});
