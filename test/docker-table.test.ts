// The contract table's own pieces, each shown a fault.
import { describe, expect, test } from "bun:test";
import { compare } from "./docker-table/compare.ts";
import { Names, shapeOf, type Json } from "./docker-table/names.ts";
import type { Answer } from "./docker-table/play.ts";
import { recordedAnswer } from "./docker-table/recording.ts";

const answer = (body: Json, more: Partial<Answer> = {}): Answer => ({ status: "200 OK", headers: { server: "x" }, body, ...more });
const id = "0123456789abcdef".repeat(4);

describe("compare()", () => {
  test("finds nothing between equal answers, whatever the order of their keys", () => {
    expect(compare(answer({ a: 1, b: [1, { c: null }] }), answer({ b: [1, { c: null }], a: 1 }))).toEqual([]);
  });

  test.each<[string, Answer, string]>([
    ["a status", answer({}, { status: "201 Created" }), "/status"],
    ["a header", answer({}, { headers: {} }), "/headers/server"],
    ["a field that is not there", answer({ a: 1 }), "/body/a"],
    ["null for an empty list", answer({ list: null }), "/body/list"],
    ["a number for a text", answer({ text: 1 }), "/body/text"],
    ["another order of a list", answer({ list: [2, 1] }), "/body/list/0"],
  ])("finds %s", (_, ours, at) => {
    const docker = answer(
      at.startsWith("/body/list/0") ? { list: [1, 2] } : at === "/body/list" ? { list: [] } : at === "/body/text" ? { text: "1" } : {},
    );
    expect(compare(docker, ours).map((difference) => difference.at)).toContain(at);
  });

  test("gives a list of another length as a whole", () => {
    expect(compare(answer([1]), answer([1, 2]))).toEqual([{ at: "/body", docker: [1], ours: [1, 2] }]);
  });
});

describe("Names", () => {
  test("call the same id the same, by where it was first", () => {
    const names = new Names([["/var/lib/x", "<root>"]]);
    names.enter("create");
    expect(names.document({ Id: id })).toEqual({ Id: "<Id of create>" });
    names.enter("list");
    const shown = names.document({ Name: id.slice(0, 12), Path: `/var/lib/x/${id}`, Other: "f".repeat(64) });
    expect(shown).toEqual({ Name: "<short Id of create>", Other: "<Other of list>", Path: "<root>/<Id of create>" });
  });

  test("leave what says something as it is", () => {
    const names = new Names([]);
    const said = { Created: 0, Pid: 0, FinishedAt: "0001-01-01T00:00:00Z", IPAddress: "", Size: -1 };
    expect(names.document(said)).toEqual(said);
    expect(names.document({ Pid: 7, Status: "Up 3 seconds" })).toEqual({ Pid: "<pid>", Status: "Up <duration>" });
  });
});

test("shapeOf() keeps types and forgets values", () => {
  expect(shapeOf({ a: 1, b: [1, 2, "x"], c: null, d: [] })).toEqual({ a: "<number>", b: ["<number>", "<string>"], c: "<null>", d: [] });
});

test("recordedAnswer() says what to do when Docker was never asked", () => {
  expect(() => recordedAnswer({ engine: "", answers: [] }, "start", "1.51")).toThrow("bun run record:docker");
});
