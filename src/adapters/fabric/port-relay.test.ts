import { connect } from "node:net";
import type { PublishedPort } from "#network";
import { describe, expect, test } from "bun:test";
import { FabricPlace, freePort, hear, inside, LineServer } from "../../../test/support/fabric-place.ts";
import { waitFor } from "../../../test/support/wait-for.ts";

const published = (hostPort: number, hostIp: string): PublishedPort => ({ containerPort: 80, protocol: "tcp", hostIp, hostPort });

describe("ports of IPv6 for a container without it", () => {
  test("answer at ::1 and at every address, and only there where they are published", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const [all, both, local] = [freePort(), freePort(), freePort()];
    const ports = [published(all, "::"), published(both, ""), published(local, "::1")];
    const { endpoint, namespaceFd = -1, listeners = [] } = await fabric.claim({ containerId: "a", mode: "bridge", ports });
    expect(endpoint.ports.map(({ hostIp, hostPort }) => [hostIp, hostPort])).toEqual([
      ["::", all],
      ["", both],
      ["::", both],
      ["::1", local],
    ]);
    expect(listeners.length).toBe(1);
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "hello" });
    const answers = await Promise.all([all, both, local].map((port) => hear("::1", port)));
    expect(answers).toEqual(["hello", "hello", "hello"]);
    expect([await hear("127.0.0.1", both), await hear("127.0.0.1", local)]).toEqual(["hello", ""]);
    await fabric.release(endpoint, "a");
    expect(await hear("::1", all)).toBe("");
    const next = await fabric.claim({ containerId: "b", mode: "bridge", ports });
    expect(next.endpoint.ports.length).toBe(4);
  });

  test("carry each direction until its own end, and are reset where nobody listens in the container", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const { namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [published(port, "::1")] });
    expect(await said(port, new Uint8Array(10))).toBe("");
    // It tells the length once it has read to the end, behind which it must still be heard.
    await using _counting = counting(namespaceFd);
    await waitFor(async () => (await said(port, new Uint8Array(3 << 20))) === "3145728", { what: "length of what was sent" });
  });
});

/** A server on port 80 that tells how much it was sent. */
function counting(namespaceFd: number): AsyncDisposable {
  const child = Bun.spawn([...inside(namespaceFd), "busybox", "nc", "-ll", "-p", "80", "-e", "busybox", "wc", "-c"], { stdin: "ignore" });
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** What comes back from ::1 after these bytes and their end. */
function said(port: number, bytes: Uint8Array): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const parts: string[] = [];
  const client = connect({ host: "::1", port, allowHalfOpen: true });
  client.on("data", (part) => void parts.push(part.toString()));
  client.on("error", () => resolve(""));
  client.on("close", () => resolve(parts.join("").trim()));
  client.on("end", () => client.destroy());
  client.end(bytes);
  return promise;
}
