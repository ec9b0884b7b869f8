import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, fstatSync, readdirSync, statSync } from "node:fs";
import { succeed } from "../../../test/support/command.ts";
import { strayThreads } from "../../../test/support/stray-threads.ts";
import { Kernel } from "./kernel.ts";

const kernel = new Kernel({ lanes: 2, maxLanes: 2 });
afterAll(() => kernel[Symbol.asyncDispose]());

/** A worker that opens windows and makes garbage between them, as fast as it can. */
const windowWorker = `
  import { openNamespace } from ${JSON.stringify(new URL("net-namespace.ts", import.meta.url).pathname)};
  import { closeSync } from "node:fs";
  self.onmessage = ({ data: { count, target } }) => {
    let garbage = [];
    for (let round = 0; round < count; round += 1) {
      const { namespaceFd, netlinkFd } = openNamespace(target);
      closeSync(netlinkFd);
      if (target === undefined) closeSync(namespaceFd);
      garbage.push(new Array(500).fill({ round }), new Uint8Array(20000), "x".repeat(round % 1000));
      if (round % 50 === 49) { garbage = []; Bun.gc(false); }
      if (round % 500 === 499) Bun.gc(true);
    }
    self.postMessage("done");
  };
`;

async function openWindows(count: number, target: number | undefined): Promise<string> {
  const url = URL.createObjectURL(new Blob([windowWorker], { type: "application/typescript" }));
  const worker = new Worker(url);
  const done = new Promise<string>((resolve, reject) => {
    worker.addEventListener("message", (event: MessageEvent<string>) => resolve(event.data));
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
  });
  worker.postMessage({ count, target });
  const outcome = await done;
  worker.terminate();
  return outcome;
}

/** A program whose worker enters a new namespace and stays, with something to live for. */
const straying = `
  const { strayThreads } = await import("../../../test/support/stray-threads.ts");
  const source = 'import { rawSyscall } from "' + process.cwd() + '/libc.ts"; import { sys } from "' + process.cwd() + '/numbers.ts";'
      + 'import { writeFileSync } from "node:fs"; writeFileSync("/proc/thread-self/comm", "planted");'
      + 'rawSyscall(sys.unshare, 0x40000000, 0, 0, 0, 0, 0); setInterval(() => undefined, 1000); self.postMessage("in");';
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "application/typescript" })));
  worker.onmessage = () => { console.log(JSON.stringify(strayThreads())); process.exit(0); };
`;

/** Garbage in the main thread as well, until `promise` settles. */
async function underPressure<Result>(promise: Promise<Result>): Promise<Result> {
  const pressure = setInterval(() => {
    const garbage = Array.from({ length: 2000 }, (_, index) => ({ index, bytes: new Uint8Array(100) }));
    Bun.gc(garbage.length === 0);
  }, 1);
  try {
    return await promise;
  } finally {
    clearInterval(pressure);
  }
}

describe("openNamespace()", () => {
  test("makes namespaces that are not the daemon's and leaves its thread at home", async () => {
    const fds = [await kernel.run("makeSandbox"), await kernel.run("makeSandbox")].map(({ namespaceFd }) => namespaceFd);
    const inodes = new Set([statSync("/proc/self/ns/net").ino, ...fds.map((fd) => fstatSync(fd).ino)]);
    for (const fd of fds) closeSync(fd);
    expect(inodes.size).toBe(3);
    expect(strayThreads()).toEqual([]);
  });

  test("of a descriptor that is not open is EBADF and leaves nothing open", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const link = {
      bridge: "lo",
      hostName: "gtnone",
      mac: "02:42:00:00:00:01",
      address: 1,
      prefixLength: 8,
      mtu: 1500,
      isolated: false,
      name: "eth0",
      gateway: 2,
    };
    const nothing = kernel.run("linkSandbox", 0x7fffffff, link).then(
      () => "linked",
      (error: Error) => error.message,
    );
    expect(await nothing).toBe("setns network namespace: EBADF");
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    expect(strayThreads()).toEqual([]);
  });

  test("strayThreads() names a thread that did not come home", async () => {
    const out = await succeed([process.execPath, "-e", straying], { cwd: import.meta.dir });
    expect(JSON.parse(out)).toEqual(["planted"]);
  });

  test("I39 thread-in-a-container: after 20,000 windows under allocation and collection every thread is at home", async () => {
    const { namespaceFd: fd } = await kernel.run("makeSandbox");
    expect(await underPressure(openWindows(19_500, fd))).toBe("done");
    expect(await underPressure(openWindows(500, undefined))).toBe("done");
    closeSync(fd);
    expect(strayThreads()).toEqual([]);
  }, 60_000);
});
