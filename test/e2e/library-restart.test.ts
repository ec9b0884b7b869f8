// A daemon that dies and comes back under a program that uses the library.
import { describe, expect, test } from "bun:test";
import { BrokenReplyError, connect, UnreachableError } from "#library";
import { startDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { waitFor } from "../support/wait-for.ts";

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((error: unknown) => error);

describe("a daemon that is killed and started again", () => {
  test("ends streams with an error, answers the next call, and resumes events without loss or repetition", async () => {
    await using daemon = await startDaemon();
    await loadImage(daemon.place.socket, "busybox");
    await using engine = await connect({ host: daemon.host });
    const container = await engine.run("busybox", ["sh", "-c", "echo up; trap 'exit 7' TERM; while :; do sleep 1 & wait; done"], {
      name: "lasting",
    });
    const ended = new AbortController();
    const resumed: string[] = [];
    const filters = { type: ["container"] };
    const listening = (async () => {
      for await (const { Action, Actor } of engine.events({ resume: true, since: new Date(0), filters, signal: ended.signal })) {
        resumed.push(`${Action} ${Actor.Attributes?.["name"]}`);
        if (Action === "die" && Actor.Attributes?.["name"] === "after") break;
      }
    })();
    const plainEvents = failure(
      (async () => {
        for await (const _ of engine.events({ filters }));
      })(),
    );
    const lines: string[] = [];
    const following = failure(
      (async () => {
        for await (const { text } of container.logs({ follow: true })) lines.push(text);
      })(),
    );
    const waiting = failure(container.wait());
    await using shell = await container.exec(["cat"], { stdin: true });
    const cat = failure(shell.exit());
    await engine.output("busybox", ["true"], { name: "before" });
    // What the daemon has not told yet when it is killed, it need not remember.
    await waitFor(() => resumed.includes("destroy before"), { what: "events before the kill" });

    await daemon.kill();
    const broken = await Promise.all([plainEvents, following, waiting, cat]);
    expect(broken.slice(0, 3).map((error) => error instanceof BrokenReplyError)).toEqual([true, true, true]);
    expect(lines).toEqual(["up"]);
    expect(await failure(container.inspect())).toBeInstanceOf(UnreachableError);

    await daemon.start();
    expect((await container.inspect()).State.Status).toBe("running");
    expect(await (await container.exec(["echo", "again"])).output()).toEqual({ exitCode: 0, stdout: "again\n", stderr: "" });
    await container.stop();
    expect(await container.wait()).toBe(7);
    await engine.output("busybox", ["true"], { name: "after" });
    await listening;
    const told = (name: string): string[] => resumed.filter((line) => line.endsWith(` ${name}`)).map((line) => line.split(" ")[0] ?? "");
    expect({ before: told("before"), after: told("after") }).toEqual({
      before: ["create", "attach", "start", "die", "destroy"],
      after: ["create", "attach", "start", "die"],
    });
    expect(told("lasting").filter((action) => /^(create|start|stop|die)$/.test(action))).toEqual(["create", "start", "die", "stop"]);
    ended.abort();
  }, 30_000);
});
