import { describe, expect, test } from "bun:test";
import type { ProgressLine } from "#client";
import { progressBar } from "./progress-bar.ts";
import { plainLine, ProgressScreen, showProgress } from "./progress-display.ts";

async function* lines(...all: ProgressLine[]): AsyncGenerator<ProgressLine, void> {
  yield* all;
}

describe("progressBar()", () => {
  test("has bar and counts on a wide screen, counts on a narrow one", () => {
    expect(progressBar({ current: 500, total: 1000 }, 120)).toBe(`[${"=".repeat(25)}>${" ".repeat(25)}]     500B/1kB`);
    expect(progressBar({ current: 500, total: 1000 }, 80)).toBe("    500B/1kB");
    expect(progressBar({ current: 500 }, 80)).toBe("    500B");
    expect(progressBar({ current: 3, total: 5, units: "s" }, 80)).toBe("       3/5 s");
    expect(progressBar({}, 80)).toBe("");
  });
});

test("plainLine() leaves counters out", () => {
  const status = { id: "a", status: "Pull complete", progressDetail: {} };
  const shown = [
    status,
    { status: "Digest: x" },
    { id: "a", status: "Downloading", progressDetail: { current: 1, total: 2 } },
    { stream: "Loaded\n" },
  ];
  expect(shown.map(plainLine)).toEqual(["a: Pull complete\n", "Digest: x\n", "", "Loaded\n"]);
});

describe("ProgressScreen", () => {
  test("rewrites the row of each id and leaves messages alone", () => {
    let text = "";
    const screen = new ProgressScreen({ print: (piece) => void (text += piece) }, 80);
    screen.show({ status: "Pulling from x", id: "latest" });
    screen.show({ id: "a", status: "Waiting", progressDetail: {} });
    screen.show({ id: "b", status: "Waiting", progressDetail: {} });
    screen.show({ id: "a", status: "Downloading", progressDetail: { current: 1, total: 2 } });
    screen.show({ status: "Status: done" });
    expect(text).toBe(
      "latest: Pulling from x\na: Waiting\nb: Waiting\n\u001b[2A\u001b[2K\ra: Downloading       1B/2B\u001b[2B\rStatus: done\n",
    );
  });
});

test("showProgress() throws the daemon's message that comes within the stream", async () => {
  const failed = showProgress(lines({ status: "x" }, { errorDetail: { message: "no space" }, error: "no space" }), undefined);
  expect(await failed.catch((error: unknown) => error)).toEqual(new Error("no space"));
});
