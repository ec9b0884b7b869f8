import { describe, expect, test } from "bun:test";
import { EngineError } from "#base";
import { readContainerFilters } from "./container-filters.ts";

function refusal(filters: object): string {
  try {
    readContainerFilters(JSON.stringify(filters));
    return "taken";
  } catch (error) {
    if (error instanceof EngineError) return `${error.fault}: ${error.message}`;
    throw error;
  }
}

describe("readContainerFilters()", () => {
  test("reads exit codes, truths and ports", () => {
    const filters = { exited: ["1", "-1"], "is-task": ["0"], publish: ["80", "8000-8010/udp"], expose: { "53/": true }, isolation: ["x"] };
    expect(readContainerFilters(JSON.stringify(filters))).toEqual({
      exited: [1, -1],
      isTask: false,
      publish: [
        { first: 80, last: 80, protocol: "tcp" },
        { first: 8000, last: 8010, protocol: "udp" },
      ],
      expose: [{ first: 53, last: 53, protocol: "tcp" }],
    });
  });

  test("takes a key without values for no condition", () => {
    expect(readContainerFilters('{"id":[],"exited":[],"publish":{},"status":[]}')).toEqual({});
  });

  // What Docker 28.5.2 answers.
  test.each([
    [{ exited: ["x"] }, `invalid: invalid filter 'exited=x': strconv.Atoi: parsing "x": invalid syntax`],
    [
      { health: ["x"] },
      "invalid: invalid filter 'health=x': invalid value for health (x): must be one of none, starting, healthy, unhealthy",
    ],
    [{ "is-task": ["x"] }, "invalid: invalid filter 'is-task=[x]'"],
    [{ publish: ["1:2"] }, "internal: filter for 'publish' should not contain ':': 1:2"],
    [{ publish: ["x"] }, `internal: error while looking up for publish x: strconv.ParseUint: parsing "x": invalid syntax`],
    [{ publish: [""] }, "internal: error while looking up for publish : Empty string specified for ports."],
    [{ publish: ["9-8"] }, "internal: error while looking up for publish 9-8: Invalid range specified for the Port: 9-8"],
    [{ expose: ["99999"] }, `internal: error while looking up for expose 99999: strconv.ParseUint: parsing "99999": value out of range`],
    [{ bad: ["x"] }, "invalid: invalid filter 'bad'"],
  ])("refuses %j", (filters, words) => {
    expect(refusal(filters)).toBe(words);
  });
});
