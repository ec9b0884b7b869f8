import { describe, expect, test } from "bun:test";
import { messageOf } from "#base";
import { formatFamiliar, formatReference, parseReference, withDefaultTag } from "./reference.ts";

const hex = "a".repeat(64);

describe("parseReference()", () => {
  test.each([
    ["busybox", "docker.io/library/busybox:latest", "busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"],
    ["me/app", "docker.io/me/app:latest", "me/app:latest"],
    ["index.docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"],
    ["docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"],
    ["localhost/app", "localhost/app:latest", "localhost/app:latest"],
    ["127.0.0.1:5000/busybox:x", "127.0.0.1:5000/busybox:x", "127.0.0.1:5000/busybox:x"],
    ["[::1]:5000/a/b", "[::1]:5000/a/b:latest", "[::1]:5000/a/b:latest"],
    [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`, `busybox@sha256:${hex}`],
    ["docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"],
    ["library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"],
    ["docker.io/a.b/c", "docker.io/a.b/c:latest", "docker.io/a.b/c:latest"],
    ["LOCAL/x", "LOCAL/x:latest", "LOCAL/x:latest"],
    ["localhost/x", "localhost/x:latest", "localhost/x:latest"],
    [`a.b/${hex}`, `a.b/${hex}:latest`, `a.b/${hex}:latest`],
    ["p".repeat(247), `docker.io/library/${"p".repeat(247)}:latest`, `${"p".repeat(247)}:latest`],
    [`a.b/${"p".repeat(255)}`, `a.b/${"p".repeat(255)}:latest`, `a.b/${"p".repeat(255)}:latest`],
    [`a.b/c:t@sha256:${hex}`, `a.b/c:t@sha256:${hex}`, `a.b/c:t@sha256:${hex}`],
  ])("reads %s", (text, full, familiar) => {
    const reference = withDefaultTag(parseReference(text));
    expect([formatReference(reference), formatFamiliar(reference)]).toEqual([full, familiar]);
    expect(parseReference(formatReference(reference))).toEqual(reference);
  });

  test.each([
    "",
    ":",
    "a:",
    "a@",
    "a@sha256:xyz",
    "-a",
    "a//b",
    "a/",
    "/a",
    "..",
    "../x",
    "a/../b",
    "a b",
    "a:b:c/d",
    "a\n",
    "a:\u0000",
    `a:${"t".repeat(129)}`,
  ])("refuses %j", (text) => {
    expect(() => parseReference(text)).toThrow("invalid reference format");
  });

  // Docker 28.5.2 was asked each of these.
  test.each([
    ["UPPER", "invalid reference format: repository name (library/UPPER) must be lowercase"],
    [`X@sha256:${hex}`, "invalid reference format: repository name (library/X@sha256) must be lowercase"],
    [`x@sha256:${hex.slice(1)}`, "invalid checksum digest length"],
    [`x@sha256:${hex.toUpperCase()}`, "invalid checksum digest format"],
    [`x@md5:${"a".repeat(32)}`, "unsupported digest algorithm"],
    [`x@sha256:${"a".repeat(31)}`, "invalid reference format"],
    ["p".repeat(248), "repository name must not be more than 255 characters"],
    [`a.b/${"p".repeat(256)}`, "repository name must not be more than 255 characters"],
    ["docker.io/", "invalid reference format"],
    ["a:b/c", "invalid reference format"],
    ["https://a/b", "invalid reference format"],
  ])("says of %j what Docker says", (text, message) => {
    let said = "";
    try {
      parseReference(text);
    } catch (error) {
      said = messageOf(error);
    }
    expect(said).toBe(message);
  });

  test("says what is wrong with upper case and with a bare id", () => {
    expect(() => parseReference("Busybox/x/Y")).toThrow("must be lowercase");
    expect(() => parseReference(hex)).toThrow("cannot specify 64-byte hexadecimal strings");
  });

  test("answers a hostile text of 100 KB at once", () => {
    let message = "";
    try {
      parseReference(`${"a-".repeat(50_000)}!`);
    } catch (error) {
      message = messageOf(error);
    }
    expect(message).toBe("invalid reference format");
  });
});
