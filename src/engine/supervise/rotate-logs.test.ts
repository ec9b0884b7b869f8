import { describe, expect, test } from "bun:test";
import type { Container } from "#container";
import { containerOf, plainSpec } from "../../../test/support/containers.ts";
import { LogKeeper } from "./rotate-logs.ts";

type Needs = ConstructorParameters<typeof LogKeeper>[0];

/** Containers that run, the sizes of their logs, and what is done to them. */
function world(containers: readonly Container[], sizes: Record<string, number>): { keeper: LogKeeper; done: string[]; looks: string[] } {
  const done: string[] = [];
  const looks: string[] = [];
  const needs = {
    roster: { all: () => containers, get: (id: string) => containers.find((one) => one.id === id) },
    live: { process: (id: string) => (id in sizes ? {} : undefined) },
    rootfs: { folder: (id: string) => id },
    runtime: { reopenLog: (id: string) => Promise.resolve(void done.push(`reopen ${id}`)) },
    logger: { warn: (message: string) => void done.push(message) },
    logs: {
      size: (path: string) => {
        const id = path.replace(/\/log$/, "");
        looks.push(id);
        const size = sizes[id] ?? 0;
        return size < 0 ? Promise.reject(new Error("EIO")) : Promise.resolve(size);
      },
      rotate: (path: string, keep: number) => Promise.resolve(void done.push(`rotate ${path} ${keep}`)),
    },
  };
  return { keeper: new LogKeeper(needs as unknown as Needs), done, looks };
}

function logged(id: string, driver: "json-file" | "none", options: Readonly<Record<string, string>> = {}): Container {
  return containerOf({ id, spec: { ...plainSpec, host: { ...plainSpec.host, log: { driver, options } } } });
}

describe("LogKeeper", () => {
  test("puts a log away at its limit, and then tells the monitor", async () => {
    const small = logged("small", "json-file", { "max-size": "10" });
    const { keeper, done } = world([small, containerOf({ id: "usual" }), logged("none", "none")], { small: 10, usual: 10, none: 99 });
    await keeper.tick();
    expect(done).toEqual(["rotate small/log 4", "reopen small"]);
  });

  test("looks ever less often at a log that rests, and at once often again at one that grows", async () => {
    const sizes = { a: 5 };
    const { keeper, looks } = world([containerOf({ id: "a" })], sizes);
    const ticks = async (count: number): Promise<number> => {
      const before = looks.length;
      for (let tick = 0; tick < count; tick += 1) await keeper.tick();
      return looks.length - before;
    };
    expect(await ticks(64)).toBeLessThan(10);
    sizes.a = 6;
    await ticks(16);
    let grown = 0;
    for (let tick = 0; tick < 8; tick += 1) {
      sizes.a += 1;
      grown += await ticks(1);
    }
    expect(grown).toBeGreaterThanOrEqual(7);
  });

  test("goes on with others when one fails, and forgets what does not run", async () => {
    const sizes: Record<string, number> = { bad: -1, good: 20 << 20, gone: 1 };
    const { keeper, done, looks } = world(
      ["bad", "good", "gone"].map((id) => containerOf({ id })),
      sizes,
    );
    await keeper.tick();
    expect(done.toSorted()).toEqual(["a log was not rotated", "reopen good", "rotate good/log 4"]);
    delete sizes["gone"];
    looks.length = 0;
    await keeper.tick();
    expect(looks).not.toContain("gone");
  });
});
