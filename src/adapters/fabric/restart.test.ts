import { openSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint, PublishedPort, Sandbox } from "#network";
import { describe, expect, test } from "bun:test";
import { succeed } from "../../../test/support/command.ts";
import { FabricPlace, freePort, hear, LineServer } from "../../../test/support/fabric-place.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { hostLinkName } from "#network";

const published = (hostPort: number): PublishedPort => ({ containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0", hostPort });

/** A daemon's fabric in a process of its own: claims a sandbox for each line of ports, says what it got, and waits for its end. */
const daemon = `
  import { Kernel } from "#linux";
  import { openFabric } from "#fabric";
  const [names, requests] = process.argv.slice(-2).map((text) => JSON.parse(text));
  const fabric = await openFabric({ place: names, kernel: new Kernel() });
  const sandboxes = [];
  for (const ports of requests) sandboxes.push(await fabric.claim({ containerId: "c", mode: "bridge", ports }));
  console.log(JSON.stringify(sandboxes));
  setInterval(() => undefined, 1000);
`;

type Held = Required<Pick<Sandbox, "endpoint" | "namespaceFd">>;

/** Lets such a daemon claim sandboxes and kills it; gives them with descriptors that we keep, as monitors do. */
async function afterKill(place: FabricPlace, requests: readonly (readonly PublishedPort[])[]): Promise<readonly Held[]> {
  const command = [process.execPath, "-e", daemon, "--", JSON.stringify(place.names), JSON.stringify(requests)];
  const child = Bun.spawn(command, { cwd: join(import.meta.dir, "../../.."), stdin: "ignore", stdout: "pipe" });
  try {
    const { value } = await child.stdout.getReader().read();
    const sandboxes = JSON.parse(new TextDecoder().decode(value)) as readonly Held[];
    return sandboxes.map(({ endpoint, namespaceFd }) => ({ endpoint, namespaceFd: openSync(`/proc/${child.pid}/fd/${namespaceFd}`, "r") }));
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

function at(sandboxes: readonly Held[], index: number): Held {
  const sandbox = sandboxes[index];
  if (sandbox === undefined) throw new Error(`no sandbox ${index}`);
  return sandbox;
}

const linkName = (place: FabricPlace, endpoint: Endpoint): string => hostLinkName(place.names.bridge, endpoint.endpointId);

describe("after kill -9", () => {
  test("a published port answers while no daemon lives and after adopt(), and reconcile() removes what nobody owns", async () => {
    await using place = new FabricPlace();
    const [port, orphan] = [freePort(), freePort()];
    const sandboxes = await afterKill(place, [[published(port)], [published(orphan)]]);
    const { endpoint, namespaceFd } = at(sandboxes, 0);
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "alive" });
    expect(await hear("127.0.0.1", port)).toBe("alive");
    expect((await place.ports()).length).toBe(2);
    await using fabric = await place.open();
    expect(await place.rules()).toContain(`tcp . ${orphan} : `);
    await fabric.adopt(endpoint, "c", namespaceFd);
    await fabric.reconcile([endpoint]);
    expect(await hear("127.0.0.1", port)).toBe("alive");
    expect(await place.rules()).not.toContain(`tcp . ${orphan} : `);
    await waitFor(async () => (await place.ports()).join() === linkName(place, endpoint), { what: "end of the orphan's link" });
    const next = await fabric.claim({ containerId: "d", mode: "bridge", ports: [published(orphan)] });
    expect(next.endpoint.address).toBe(at(sandboxes, 1).endpoint.address ?? "");
  });

  test("adopt() puts back the interface, the bridge and the rules that somebody took away meanwhile, and is idempotent", async () => {
    await using place = new FabricPlace();
    const port = freePort();
    const { endpoint, namespaceFd } = at(await afterKill(place, [[published(port)]]), 0);
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "back" });
    await succeed(["ip", "link", "delete", linkName(place, endpoint)]);
    await succeed(["ip", "link", "delete", place.names.bridge]);
    await succeed(["nft", "delete", "table", "inet", place.names.nftTable]);
    await using fabric = await place.open();
    await fabric.adopt(endpoint, "c", namespaceFd);
    await fabric.adopt(endpoint, "c", namespaceFd);
    await fabric.reconcile([endpoint]);
    expect(await hear("127.0.0.1", port)).toBe("back");
  });

  test("adopt() puts the host's end back on a bridge that was made anew", async () => {
    await using place = new FabricPlace();
    const port = freePort();
    const { endpoint, namespaceFd } = at(await afterKill(place, [[published(port)]]), 0);
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "back" });
    await succeed(["ip", "link", "delete", place.names.bridge]);
    await using fabric = await place.open();
    await fabric.adopt(endpoint, "c", namespaceFd);
    expect(await place.ports()).toEqual([linkName(place, endpoint)]);
    expect(await hear("127.0.0.1", port)).toBe("back");
  });

  test("adopt() keeps an endpoint whose port another process took meanwhile", async () => {
    await using place = new FabricPlace();
    const port = freePort();
    const { endpoint, namespaceFd } = at(await afterKill(place, [[published(port)]]), 0);
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "container" });
    using _other = Bun.listen({
      hostname: "0.0.0.0",
      port,
      socket: { open: (socket) => void socket.end("process\n"), data: () => undefined },
    });
    await using fabric = await place.open();
    await fabric.adopt(endpoint, "c", namespaceFd);
    expect(await hear("127.0.0.1", port)).toBe("container");
  });
});

test("reconcile() leaves the interfaces of a daemon beside this one alone", async () => {
  await using place = new FabricPlace();
  await using other = new FabricPlace();
  await using fabric = await place.open();
  await using neighbour = await other.open();
  await neighbour.claim({ containerId: "n", mode: "bridge", ports: [] });
  await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
  await fabric.reconcile([]);
  expect([(await place.ports()).length, (await other.ports()).length]).toEqual([1, 1]);
});
