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
    ["ENTRYPOINT []", { entrypoint: [] }],
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
    ["HEALTHCHECK NONE", "the change HEALTHCHECK is not implemented"],
  ])("refuses %s", (line, sentence) => {
    expect(() => applyChanges(before, [line])).toThrow(sentence);
  });
});
