import { describe, expect, test } from "bun:test";
import { parseGpuRequest } from "./gpu-request.ts";

const all = { Driver: "", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} };

describe("parseGpuRequest()", () => {
  test.each([
    ["all", all],
    ["2", { ...all, Count: 2 }],
    ["driver=nvidia", { ...all, Driver: "nvidia", Count: 1 }],
    [
      '"device=0,1","capabilities=utility,compute"',
      { ...all, Count: 0, DeviceIDs: ["0", "1"], Capabilities: [["utility", "compute", "gpu"]] },
    ],
    ['count=all,"options=a=b,c=d"', { ...all, Options: { a: "b", c: "d" } }],
  ])("%p", (text, request) => {
    expect(parseGpuRequest(text)).toEqual(request);
  });

  test.each([
    ["bla=1", "unexpected key 'bla' in 'bla=1'"],
    ["count=x", 'invalid count (x): value must be either "all" or an integer: invalid syntax'],
    ["driver=a,driver=b", "gpu request key 'driver' can be specified only once"],
  ])("%p is none", (text, reason) => {
    expect(() => parseGpuRequest(text)).toThrow(reason);
  });
});
