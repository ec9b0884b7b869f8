import { describe, expect, test } from "bun:test";
import { proxyFor } from "./settings.ts";

describe("proxyFor()", () => {
  const proxies = { http: "http://p:1", https: "http://p:2", no: "plain.example, .below.example ,10.0.0.0/8,ported.example:5000" };

  test.each([
    ["https://registry.example/v2/", "http://p:2"],
    ["http://registry.example/v2/", "http://p:1"],
    ["https://plain.example/v2/", undefined],
    ["https://sub.plain.example/v2/", undefined],
    ["https://notplain.example/v2/", "http://p:2"],
    ["https://a.below.example/", undefined],
    ["https://below.example/", "http://p:2"],
    ["https://10.1.2.3:5000/", undefined],
    ["https://11.1.2.3:5000/", "http://p:2"],
    ["https://ported.example:5000/", undefined],
    ["https://ported.example/", "http://p:2"],
    ["http://localhost:5000/", undefined],
    ["http://127.0.0.1:5000/", undefined],
  ])("sends %s through %p", (url, proxy) => {
    expect(proxyFor(new URL(url), proxies)).toBe(proxy);
  });

  test("goes straight where there is none, or to nobody's", () => {
    expect(proxyFor(new URL("https://a.example"), { http: "", https: "", no: "" })).toBeUndefined();
    expect(proxyFor(new URL("https://a.example"), { ...proxies, no: "*" })).toBeUndefined();
  });
});
