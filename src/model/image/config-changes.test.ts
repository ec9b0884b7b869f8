import { describe, expect, test } from "bun:test";
import { applyChanges } from "./config-changes.ts";

const before = {
  user: "",
  env: ["PATH=/bin", "X=1"],
  command: ["sh"],
  workingDir: "/tmp",
  labels: { l: "m" },
  exposedPorts: ["80/tcp"],
  volumes: ["/v"],
};

describe("applyChanges()", () => {
  test.each<[string, object]>([
    ['CMD ["a", "b"]', { command: ["a", "b"] }],
    ["cmd echo $X", { command: ["/bin/sh", "-c", "echo $X"] }],
    ["CMD [not json", { command: ["/bin/sh", "-c", "[not json"] }],
    ["ENTRYPOINT []", { entrypoint: [], command: undefined }],
    ["CMD x\nENTRYPOINT y", { entrypoint: ["/bin/sh", "-c", "y"], command: ["/bin/sh", "-c", "x"] }],
    ["ENV A=1 \\\n B=2", { env: ["PATH=/bin", "X=1", "A=1", "B=2"] }],
    ["HEALTHCHECK NONE", { healthcheck: { test: ["NONE"] } }],
    ["HEALTHCHECK CMD a b", { healthcheck: { test: ["CMD-SHELL", "a b"] } }],
    [
      'HEALTHCHECK --interval=5s --timeout=3s --start-period=1m --start-interval=2s --retries=4 CMD ["a","b"]',
      {
        healthcheck: {
          test: ["CMD", "a", "b"],
          interval: 5_000_000_000,
          timeout: 3_000_000_000,
          startPeriod: 60_000_000_000,
          startInterval: 2_000_000_000,
          retries: 4,
        },
      },
    ],
    ["HEALTHCHECK --retries=0 --timeout=0s CMD x", { healthcheck: { test: ["CMD-SHELL", "x"] } }],
    ["ONBUILD run a\nONBUILD COPY . .", { onBuild: ["run a", "COPY . ."] }],
    ["ENV PATH=/x:$PATH Y=\"a b\" Z='$X' W=${X}2 V=a\\ b", { env: ["PATH=/x:/bin", "X=1", "Y=a b", "Z=$X", "W=12", "V=a b"] }],
    ["ENV FOO bar  baz", { env: ["PATH=/bin", "X=1", "FOO=bar  baz"] }],
    ['LABEL q="w e" l=', { labels: { l: "", q: "w e" } }],
    ["EXPOSE 80 81/UDP 90-91", { exposedPorts: ["80/tcp", "81/udp", "90/tcp", "91/tcp"] }],
    ["VOLUME /a /b", { volumes: ["/v", "/a", "/b"] }],
    ['VOLUME ["/v", "/c"]', { volumes: ["/v", "/c"] }],
    ["USER me:you", { user: "me:you" }],
    ["WORKDIR ../a/./b", { workingDir: "/a/b" }],
    ["WORKDIR /$X", { workingDir: "/1" }],
    ["STOPSIGNAL SIGINT", { stopSignal: "SIGINT" }],
    ["# nothing\n\nUSER a\nUSER b", { user: "b" }],
  ])("%s", (line, changed) => {
    expect(applyChanges(before, [line])).toEqual({ ...before, ...changed });
  });

  test.each<[string, string]>([
    ["FROM x", "FROM is not a valid change command"],
    ["ENV", "ENV requires at least one argument"],
    ["USER", "USER requires exactly one argument"],
    ["ENV FOO", "ENV must have two arguments"],
    ["LABEL =x", "LABEL names can not be blank"],
    ["ENV A=1 B", 'Syntax error - can\'t find = in "B". Must be of the form: name=value'],
    ["EXPOSE 80-79", "Invalid containerPort: 80-79"],
    ["HEALTHCHECK", "HEALTHCHECK requires at least one argument"],
    ["HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"],
    ["HEALTHCHECK foo x", 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
    ["HEALTHCHECK --interval=x CMD a", 'time: invalid duration "x"'],
    ["HEALTHCHECK --interval=1us CMD a", 'Interval "interval" cannot be less than 1ms'],
    ["HEALTHCHECK --retries=-1 CMD a", "--retries cannot be negative (-1)"],
    ["HEALTHCHECK --bogus=1 CMD a", "unknown flag: --bogus"],
    ["HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"],
    ["ONBUILD ONBUILD RUN a", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    ["ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"],
    ["VOLUME []", "VOLUME requires at least one argument"],
    ['SHELL ["x"]', "SHELL is not a valid change command"],
    ["# only this", "file with no instructions"],
  ])("refuses %s", (line, sentence) => {
    expect(() => applyChanges(before, [line])).toThrow(sentence);
  });
});
