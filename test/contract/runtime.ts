import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { fault, newId } from "#base";
import type { Exit, OciConfig } from "#container";
import { closeFd, socketPair } from "#linux";
import { FileLogReader, rotateLog } from "#logs";
import { processState } from "../support/processes.ts";
import { collect, readUntil, RuntimeHost } from "../support/runtime-host.ts";
import { waitFor } from "../support/wait-for.ts";

/** What every `Runtime` does; run against the real one that `name` says, and no other. */
export function runtimeContract(name: "crun" | "runc"): void {
  describe(`${name} as a Runtime`, () => {
    let host: RuntimeHost;
    beforeAll(async () => {
      host = await RuntimeHost.open(name);
    });
    afterAll(() => host[Symbol.asyncDispose]());

    const code = (code: number): Exit => ({ code, at: expect.any(BigInt), oomKilled: false });

    test("is the runtime it says it is", () => {
      expect(host.runtime.name).toBe(name);
      expect(host.runtime.version).toMatch(/^\d+\.\d+/);
    });

    test("an attachment made before start() has both streams from the first byte, and the log has the same", async () => {
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", "echo out; echo err >&2; printf end; exit 3"] });
      await using attachment = await process.attach();
      await host.runtime.start(id);
      expect(await collect(attachment.output)).toEqual({ stdout: "out\nend", stderr: "err\n" });
      expect(await process.exited).toEqual(code(3));
      const records = readFileSync(host.logPath(id), "utf8").trimEnd().split("\n");
      expect(records.map((line) => line.slice(line.indexOf(" ") + 1)).sort()).toEqual(["stderr F err", "stdout F out", "stdout P end"]);
      await host.runtime.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("pause() makes every process stand still, also one that forks all the time, and resume() lets them go on", async () => {
      const { id } = await host.create({ command: ["/bin/sh", "-c", "(while :; do :; done) & while :; do /bin/true; done"] });
      await host.runtime.start(id);
      const running = async (): Promise<number> => (await host.runtime.processes(id)).filter((pid) => processState(pid) === "R").length;
      await waitFor(async () => (await running()) > 0, { what: "work" });
      expect(await host.runtime.isPaused(id)).toBe(false);
      await host.runtime.pause(id);
      expect([await host.runtime.isPaused(id), await running()]).toEqual([true, 0]);
      await host.runtime.resume(id);
      await host.runtime.resume(id);
      expect(await host.runtime.isPaused(id)).toBe(false);
      await waitFor(async () => (await running()) > 0, { what: "work after the pause" });
      await host.runtime.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("delete() of a paused container leaves nothing; what is gone cannot be paused, and is resumed without a word", async () => {
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", "trap '' TERM; while :; do :; done"] });
      await host.runtime.start(id);
      await host.runtime.pause(id);
      await host.runtime.delete(id);
      expect(await process.exited).toEqual(code(137));
      expect([await host.runtime.isPaused(id), await host.runtime.processes(id)]).toEqual([false, []]);
      await host.runtime.resume(id);
      expect((await failure(host.runtime.pause(id))).message).toBe("it has no control group");
      expect(host.traces(id)).toEqual([]);
    });

    test("several attachments see the same, and one that leaves takes nothing along", async () => {
      const { id, process } = await host.create({ command: ["/bin/cat"], openStdin: true });
      const [first, second, third] = await Promise.all([process.attach(), process.attach(), process.attach()]);
      await host.runtime.start(id);
      await first.write(new TextEncoder().encode("one\n"));
      await Promise.all([first, second, third].map((attachment) => readUntil(attachment.output, "one\n")));
      await first[Symbol.asyncDispose]();
      await second.write(new TextEncoder().encode("two\n"));
      expect(await readUntil(third.output, "two\n")).toBe("two\n");
      expect(await collect(first.output)).toEqual({ stdout: "", stderr: "" });
      await host.runtime.delete(id);
      expect(await process.exited).toEqual(code(137));
    });

    test("end() is end of file with stdinOnce", async () => {
      const { id, process } = await host.create({ command: ["/bin/cat"], openStdin: true, stdinOnce: true });
      await using attachment = await process.attach();
      await host.runtime.start(id);
      await attachment.write(new TextEncoder().encode("x".repeat(100_000)));
      await attachment.end();
      expect((await collect(attachment.output)).stdout.length).toBe(100_000);
      expect(await process.exited).toEqual(code(0));
      await host.runtime.delete(id);
    });

    test("end() leaves stdin open without stdinOnce, also when the last client goes", async () => {
      const { id, process } = await host.create({ command: ["/bin/cat"], openStdin: true });
      await host.runtime.start(id);
      const first = await process.attach();
      await first.write(new TextEncoder().encode("first\n"));
      await readUntil(first.output, "first\n");
      await first.end();
      await first[Symbol.asyncDispose]();
      await using second = await process.attach();
      await second.write(new TextEncoder().encode("second\n"));
      expect(await readUntil(second.output, "second\n")).toBe("second\n");
      await host.runtime.delete(id);
    });

    test("a terminal is one, takes its size, and stays when its client detaches", async () => {
      const { id, process } = await host.create({ command: ["/bin/sh"], tty: true, openStdin: true, stdinOnce: true });
      const first = await process.attach();
      await host.runtime.start(id);
      await process.resize({ rows: 33, columns: 77 });
      await first.write(new TextEncoder().encode("stty size; tty; echo first | tr a-z A-Z\n"));
      expect(await readUntil(first.output, "FIRST\r\n")).toContain("33 77\r\n/dev/pts/0\r\n");
      await first.end();
      await first[Symbol.asyncDispose]();
      await using second = await process.attach();
      await second.write(new TextEncoder().encode("echo second | tr a-z A-Z; exit 5\n"));
      await readUntil(second.output, "SECOND\r\n");
      expect(await process.exited).toEqual(code(5));
      await host.runtime.delete(id);
    });

    test("exec() has streams, stdin, variables and an exit of its own", async () => {
      const { container, id, process } = await host.idle();
      const exec = await host.exec(container, ["/bin/sh", "-c", "cat; echo $A >&2; exit 4"], { openStdin: true, env: ["A=b"] });
      await using attachment = await exec.attach();
      await attachment.write(new TextEncoder().encode("in"));
      await attachment.end();
      expect(await collect(attachment.output)).toEqual({ stdout: "in", stderr: "b\n" });
      expect(await exec.exited).toEqual(code(4));
      const other = await host.exec(container, ["/bin/sh", "-c", "tty; exit 6"], { tty: true });
      await using terminal = await other.attach();
      expect((await collect(terminal.output)).stdout).toBe("/dev/pts/0\r\n");
      expect(await other.exited).toEqual(code(6));
      await host.runtime.delete(id);
      expect(await process.exited).toEqual(code(137));
      expect(host.traces(id)).toEqual([]);
    });

    test("signal() reaches an exec alone, killAll() every process", async () => {
      const { container, id, process } = await host.idle();
      const [first, second] = await Promise.all([
        host.exec(container, ["/bin/sleep", "1000"]),
        host.exec(container, ["/bin/sleep", "1000"]),
      ]);
      await first.signal(15);
      expect(await first.exited).toEqual(code(143));
      await first.signal(15);
      await host.runtime.killAll(id, 9);
      expect(await Promise.all([second.exited, process.exited])).toEqual([code(137), code(137)]);
      await host.runtime.delete(id);
    });

    const failing: readonly (readonly [readonly string[], string, 126 | 127])[] = [
      [["nope"], 'exec: "nope": executable file not found in $PATH', 127],
      [["/nope"], 'exec: "/nope": stat /nope: no such file or directory', 127],
      [["/etc/passwd"], 'exec: "/etc/passwd": permission denied', 126],
    ];
    for (const [command, reason, failureCode] of failing) {
      test(`create() and exec() of ${command[0]} fail in Docker's words with ${failureCode} and leave nothing`, async () => {
        const create = await failure(host.create({ command }));
        expect(create).toMatchObject({ fault: "invalid", cause: { code: failureCode } });
        expect(create.message).toBe(
          "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
            `unable to start container process: error during container init: ${reason}`,
        );
        expect(host.traces()).toEqual([]);
        const { container, id } = await host.idle();
        const before = host.traces(id);
        for (const tty of [false, true]) {
          const exec = await failure(host.exec(container, command, { tty }));
          expect(exec).toMatchObject({ fault: "invalid", cause: { code: failureCode } });
          expect(exec.message).toBe(`OCI runtime exec failed: exec failed: unable to start container process: ${reason}`);
        }
        expect(host.traces(id)).toEqual(before);
        await host.runtime.delete(id);
      });
    }

    test("create() with a configuration that never comes to be fails as that does, and leaves nothing", async () => {
      const late = Promise.withResolvers<never>();
      const create = failure(host.create({ command: ["/bin/true"] }, { change: () => late.promise }));
      // By then the monitor is up and waits.
      await waitFor(() => host.traces().length > 0, { what: "trace of the monitor" });
      late.reject(fault("not-found", "no such user"));
      expect(await create).toMatchObject({ fault: "not-found", message: "no such user" });
      expect(host.traces()).toEqual([]);
    });

    test("a container killed for memory says so", async () => {
      const script = "x=aaaa; while true; do x=$x$x; done";
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", script], host: { resources: { memory: 8 << 20 } } });
      await host.runtime.start(id);
      expect(await process.exited).toEqual({ ...code(137), oomKilled: true });
      await host.runtime.delete(id);
    });

    test("delete() ends what lives, and may be called again", async () => {
      const { id, process } = await host.idle();
      await host.runtime.delete(id);
      await host.runtime.delete(id);
      expect(await process.exited).toEqual(code(137));
      expect(await failure(process.attach())).toMatchObject({ fault: "conflict" });
      await process.signal(9);
      expect(await host.runtime.list()).not.toContain(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("a container whose monitor dies is ended, with the exit that the kernel tells", async () => {
      const { id, process } = await host.idle();
      endByPid(process.monitorPid);
      expect(await process.exited).toEqual(code(137));
      await host.runtime.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("a monitor that dies between create() and start() ends the container", async () => {
      const { id, process } = await host.create({ command: ["/bin/sleep", "1000"] });
      endByPid(process.monitorPid);
      expect(await process.exited).toEqual(code(137));
      await host.runtime.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("adopt() finds a running container with its terminal's or pipes' other end", async () => {
      const created = await host.create({ command: ["/bin/cat"], openStdin: true });
      const { id, process } = created;
      await host.runtime.start(id);
      await process[Symbol.asyncDispose]();
      const next = await host.reopen();
      const { pid, monitorPid } = process;
      const adopted = await next.adopt(id, { pid, monitorPid, tty: false, openStdin: true, stdinOnce: false });
      if (adopted === undefined || !("exited" in adopted)) throw new Error("adopt() found no process");
      await using attachment = await adopted.attach();
      await attachment.write(new TextEncoder().encode("still\n"));
      expect(await readUntil(attachment.output, "still\n")).toBe("still\n");
      await adopted.signal(15);
      await adopted.signal(9);
      expect(await adopted.exited).toEqual(code(137));
      await next.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("adopt() tells of an exit that nobody saw, and of nothing where there is nothing", async () => {
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", "exit 9"] });
      await host.runtime.start(id);
      const seen = await process.exited;
      const options = { pid: process.pid, monitorPid: process.monitorPid, tty: false, openStdin: false, stdinOnce: false };
      const next = await host.reopen();
      expect(await next.adopt(id, options)).toEqual(seen);
      expect(seen).toEqual(code(9));
      expect(await next.adopt(newId(), options)).toBeUndefined();
      await next.delete(id);
    });

    test("adopt() ends a container whose monitor died meanwhile", async () => {
      const { id, process } = await host.idle();
      await process[Symbol.asyncDispose]();
      endByPid(process.monitorPid);
      const next = await host.reopen();
      const { pid, monitorPid } = process;
      const adopted = await next.adopt(id, { pid, monitorPid, tty: false, openStdin: false, stdinOnce: false });
      // Either the monitor was seen alive for its last moment, or its container was found without one.
      expect(adopted !== undefined && "exited" in adopted ? await adopted.exited : adopted).toEqual(code(137));
      await next.delete(id);
      expect(host.traces(id)).toEqual([]);
    });

    test("kept() gives back what create() handed over, in order, while the monitor lives", async () => {
      const [first, second] = socketPair();
      const inodes = [first, second].map((fd) => fstatSync(fd).ino);
      const { id } = await host.idle({}, { keep: [first, second] });
      closeFd(first);
      closeFd(second);
      const kept = await (await host.reopen()).kept(id);
      expect(kept.map((fd) => fstatSync(fd).ino)).toEqual(inodes);
      for (const fd of kept) closeFd(fd);
      await host.runtime.delete(id);
      expect(await failure(host.runtime.kept(id))).toMatchObject({ fault: "not-found" });
    });

    test("a network namespace that the caller holds is joined, and kept by the monitor when the caller lets go", async () => {
      const holder = await host.idle();
      const fd = openSync(`/proc/${holder.process.pid}/ns/net`, "r");
      const path = `/proc/${process.pid}/fd/${fd}`;
      const join = (config: OciConfig): OciConfig => ({
        ...config,
        linux: {
          ...config.linux,
          namespaces: config.linux.namespaces.map((each) => (each.type === "network" ? { type: "network" as const, path } : each)),
        },
      });
      const { id, process: init } = await host.idle({}, { change: join, keep: [fd] });
      const own = readlinkSync(`/proc/${holder.process.pid}/ns/net`);
      closeSync(fd);
      await host.runtime.delete(holder.id);
      const [kept = -1] = await host.runtime.kept(id);
      expect([readlinkSync(`/proc/${init.pid}/ns/net`), readlinkSync(`/proc/self/fd/${kept}`)]).toEqual([own, own]);
      closeFd(kept);
      await host.runtime.delete(id);
    });

    test("reopenLog() after a rotation goes on in a new file and loses no line", async () => {
      const script = "while read line; do echo $line; done";
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", script], openStdin: true, stdinOnce: true });
      await using attachment = await process.attach();
      await host.runtime.start(id);
      const path = host.logPath(id);
      const following = new AbortController();
      const seen = followedLines(path, process.exited, following.signal);
      for (let line = 0; line < 60; line += 1) {
        await attachment.write(new TextEncoder().encode(`line ${line}\n`));
        await readUntil(attachment.output, `line ${line}\n`);
        if (line % 10 !== 9) continue;
        await rotateLog(path, 20);
        await host.runtime.reopenLog(id);
      }
      await attachment.end();
      expect(await seen).toEqual(Array.from({ length: 60 }, (_, line) => `line ${line}\n`));
      await host.runtime.delete(id);
    });

    test("20,000 messages keep their streams, their order and their bytes with a reader that stops now and then", async () => {
      const script = "i=0; while [ $i -lt 10000 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", script] });
      await using attachment = await process.attach();
      const output = collect(slowly(attachment.output));
      await host.runtime.start(id);
      const { stdout, stderr } = await output;
      const numbers = Array.from({ length: 10_000 }, (_, index) => index);
      expect(stdout).toBe(numbers.map((index) => `o${index}\n`).join(""));
      expect(stderr).toBe(numbers.map((index) => `e${index}\n`).join(""));
      await host.runtime.delete(id);
    });

    test("a client that does not read stops the process, until it reads", async () => {
      const { id, process } = await host.create({ command: ["/bin/sh", "-c", "head -c 8000000 /dev/zero; echo done >&2"] });
      await using attachment = await process.attach();
      await host.runtime.start(id);
      const first = await attachment.output[Symbol.asyncIterator]().next();
      const { stdout, stderr } = await collect(attachment.output);
      const read = first.done === true ? 0 : first.value.bytes.length;
      expect({ length: read + stdout.length, stderr }).toEqual({ length: 8_000_000, stderr: "done\n" });
      expect(await process.exited).toEqual(code(0));
      await host.runtime.delete(id);
    });
  });
}

async function followedLines(path: string, exited: Promise<unknown>, signal: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  const ended = exited.then(() => undefined);
  for await (const batch of new FileLogReader().read(path, { stdout: true, stderr: true, follow: true }, { ended, signal })) {
    lines.push(...[...batch].map((entry) => new TextDecoder().decode(entry.bytes)));
  }
  return lines;
}

/** Lets the event loop turn before every hundredth chunk. */
async function* slowly<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, void> {
  let count = 0;
  for await (const item of items) {
    yield item;
    count += 1;
    if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

function endByPid(pid: number): void {
  process.kill(pid, "SIGKILL");
}
