import { describe, expect, test } from "bun:test";
import { createRequest } from "./create-request.ts";
import { decode, flag, int64, list, optional, struct, text } from "./decode.ts";
import { execOptions } from "./exec-request.ts";
import { parseJson } from "./json.ts";

function refusal(document: string): string {
  try {
    decode(createRequest, parseJson(document));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

describe("decode()", () => {
  const small = struct("x.Small", { Name: text, On: flag, Count: int64, Tags: list(text), Limit: optional(int64) });

  test("matches keys without case, and the last one counts", () => {
    const { value } = decode(small, parseJson('{"NAME":"a","name":"b","oN":true}'));
    expect(value).toEqual({ Name: "b", On: true, Count: 0, Tags: [], Limit: undefined });
  });

  test("takes null for zero", () => {
    const { value } = decode(small, parseJson('{"Name":null,"On":null,"Count":null,"Tags":null,"Limit":null}'));
    expect(value).toEqual({ Name: "", On: false, Count: 0, Tags: [], Limit: undefined });
    expect(decode(small, null).value).toEqual(small.zero);
  });

  test("reports unknown fields that hold something, and no others", () => {
    const { unknown } = decode(small, parseJson('{"A":1,"B":0,"C":"","D":[],"E":{},"F":null,"G":false,"H":{"x":0},"I":-0.0}'));
    expect(unknown).toEqual(["A", "H"]);
    expect(decode(createRequest, parseJson('{"HostConfig":{"Mounts":[{"Foo":"x"}]}}')).unknown).toEqual(["HostConfig.Mounts.0.Foo"]);
  });

  test("tells which fields of the outermost struct are there", () => {
    const { present } = decode(createRequest, parseJson('{"image":"","HostConfig":{"Memory":1},"Cmd":null,"Zzz":1}'));
    expect([...present]).toEqual(["Image", "HostConfig"]);
  });

  test("keeps int64 exact or refuses it", () => {
    expect(decode(small, parseJson('{"Count":9007199254740991}')).value.Count).toBe(9_007_199_254_740_991);
    expect(refusal('{"HostConfig":{"Memory":9007199254740993}}')).toBe(
      "invalid value for HostConfig.Memory: 9007199254740993 is beyond 9007199254740991, the largest supported",
    );
  });

  test("reads one text where Docker takes a list", () => {
    expect(decode(createRequest, parseJson('{"Cmd":"a b","Entrypoint":["c"]}')).value).toMatchObject({ Cmd: ["a b"], Entrypoint: ["c"] });
  });

  // Recorded from Docker 28.5.2.
  test.each([
    ['{"Image":1}', "number into Go struct field .Image of type string"],
    ['{"Cmd":[1]}', "array into Go value of type string"],
    ['{"Env":{}}', "object into Go struct field .Env of type []string"],
    ['{"Labels":[]}', "array into Go struct field .Labels of type map[string]string"],
    ['{"Labels":{"a":1}}', "number into Go struct field .Labels.a of type string"],
    ['{"HostConfig":{"Memory":"1"}}', "string into Go struct field .HostConfig.Memory of type int64"],
    ['{"HostConfig":{"Memory":1.5}}', "number 1.5 into Go struct field .HostConfig.Memory of type int64"],
    ['{"HostConfig":{"Memory":9223372036854775808}}', "number 9223372036854775808 into Go struct field .HostConfig.Memory of type int64"],
    [
      '{"HostConfig":{"PortBindings":{"80/tcp":{}}}}',
      "object into Go struct field .HostConfig.PortBindings.80~1tcp of type []nat.PortBinding",
    ],
    ['{"HostConfig":[]}', "array into Go struct field .HostConfig of type container.HostConfig"],
    ["[]", "array into Go value of type container.CreateRequest"],
    ['{"Tty":1}', "number into Go struct field .Tty of type bool"],
    ['{"HostConfig":{"ConsoleSize":[-1,2]}}', "number -1 into .HostConfig.ConsoleSize.0 of type uint"],
    ['{"ExposedPorts":{"80/tcp":[]}}', "array into Go struct field .ExposedPorts.80~1tcp of type struct {}"],
    ['{"HostConfig":{"Mounts":[{"Type":1}]}}', "number into Go struct field .HostConfig.Mounts.0.Type of type mount.Type"],
  ])("refuses %s in Docker's words", (document, words) => {
    expect(refusal(document)).toBe(`invalid JSON: json: cannot unmarshal ${words}`);
  });

  test("names the struct where Docker names it", () => {
    const read = (): unknown => decode(execOptions, parseJson('{"Cmd":"x"}'), "ExecOptions");
    expect(read).toThrow("invalid JSON: json: cannot unmarshal string into Go struct field ExecOptions.Cmd of type []string");
  });
});
