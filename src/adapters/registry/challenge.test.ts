import { expect, test } from "bun:test";
import { asksForPassword, parseBearerChallenge, tokenUrl } from "./challenge.ts";

test("parseBearerChallenge() reads what a token is asked with", () => {
  expect(parseBearerChallenge('Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull,push"')).toEqual({
    realm: "https://auth.example/token",
    service: "r",
    scope: "repository:a/b:pull,push",
  });
  expect(parseBearerChallenge("bearer realm=https://a/t")).toEqual({ realm: "https://a/t" });
});

test("parseBearerChallenge() finds one among others, whatever their texts hold", () => {
  const header = 'Basic realm="a, Bearer realm=evil", Bearer realm="https://a/t",service="s"';
  expect(parseBearerChallenge(header)).toEqual({ realm: "https://a/t", service: "s" });
  expect(parseBearerChallenge('Bearer realm="https://a/t", Basic realm="b"')).toEqual({ realm: "https://a/t" });
  expect([asksForPassword(header), asksForPassword('Bearer realm="Basic x"'), asksForPassword("Basic")]).toEqual([true, false, true]);
});

test.each([null, "", "Basic realm=r", "Bearer", 'Bearer service="x"'])("parseBearerChallenge() finds none in %j", (header) => {
  expect(parseBearerChallenge(header)).toBeUndefined();
});

test("tokenUrl() keeps the realm's own query and asks for each scope", () => {
  const url = tokenUrl({ realm: "https://a/t?x=1", service: "s", scope: "one two" }, "fallback");
  expect(url.href).toBe("https://a/t?x=1&service=s&scope=one&scope=two");
  expect(tokenUrl({ realm: "https://a/t" }, "fallback").href).toBe("https://a/t?scope=fallback");
});
