// F02: the first process of a container lies in wait for every process that joins it.
import { expect, test } from "bun:test";
import { call, removeForced, startNew, stdoutOf } from "../support/container-calls.ts";
import { startDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

const json = { "content-type": "application/json" };

/** Prints every file that any process of the container but its own has open, on and on. */
const spy = "while true; do for fd in /proc/[0-9]*/fd/*; do case $fd in /proc/1/*) ;; *) readlink $fd;; esac; done; done 2>/dev/null";

test("F02 an init that reads the descriptors of every exec finds nothing of the host's", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const id = await startNew(daemon, { Cmd: ["sh", "-c", spy] });
  const exec = async (): Promise<void> => {
    const body = JSON.stringify({ Cmd: ["usleep", "20000"], AttachStdout: true });
    const made = await call(daemon, `/containers/${id}/exec`, { method: "POST", headers: json, body });
    const { Id } = (await made.json()) as { readonly Id: string };
    await (await call(daemon, `/exec/${Id}/start`, { method: "POST", headers: json, body: "{}" })).text();
  };
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 5 }, exec));
  const seen = new Set((await stdoutOf(daemon, id)).trim().split("\n"));
  await removeForced(daemon, id);
  // Its own subshells and what was joined: pipes of the monitor, and nothing that has a name on the host.
  expect(
    [...seen].filter((target) => !/^(pipe:|socket:|anon_inode:|\/dev\/null$|\/proc$|\/proc\/\d+\/fd$)/.test(target) && target !== ""),
  ).toEqual([]);
  expect([...seen].some((target) => target.startsWith("pipe:"))).toBe(true);
}, 60_000);
