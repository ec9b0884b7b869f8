import { describe, expect, test } from "bun:test";
import { readTable } from "./top.ts";

const ours = new Set([7, 12]);

function read(...lines: readonly string[]): readonly (readonly string[])[] {
  return readTable(`${lines.join("\n")}\n`, ours).processes;
}

describe("readTable()", () => {
  test("keeps the lines of the container, and gives what stands beyond the titles to the last one", () => {
    expect(readTable("UID   PID CMD\nroot  7 sh -c  sleep 1\nroot 1 init\nroot 12 sleep 1\n", ours)).toEqual({
      titles: ["UID", "PID", "CMD"],
      processes: [
        ["root", "7", "sh -c sleep 1"],
        ["root", "12", "sleep 1"],
      ],
    });
  });

  test("keeps the lines of threads below their process, and no others", () => {
    expect(read("PID TTY CMD", "7 ? sh", "- - x", "1 ? init", "- - y")).toEqual([
      ["7", "?", "sh"],
      ["-", "-", "x"],
    ]);
  });

  test("goes by the first of several columns of that name, wherever it stands", () => {
    expect(read("CMD PID PID", "sh 7 7", "init 1 7")).toEqual([["sh", "7", "7"]]);
  });

  test("takes a line that is too short as it is", () => {
    expect(read("PID TTY CMD", "7")).toEqual([["7", ""]]);
  });

  test.each([
    [["COMMAND", "sh"], "Couldn't find PID field in ps output"],
    [[""], "Couldn't find PID field in ps output"],
    [["CMD PID", "sh -c 7"], `Unexpected pid '-c': strconv.Atoi: parsing "-c": invalid syntax`],
    [["CMD PID", "sh"], `Unexpected pid '': strconv.Atoi: parsing "": invalid syntax`],
  ])("refuses %j", (lines, message) => {
    expect(() => read(...lines)).toThrow(message);
  });
});
