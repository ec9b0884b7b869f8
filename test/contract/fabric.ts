import { EngineError } from "#base";
import {
  type Attachment,
  attachmentsOf,
  type BridgeNetwork,
  type Endpoint,
  type Fabric,
  type PublishedPort,
  type SandboxRequest,
} from "#network";
import { describe, expect, test } from "bun:test";

/** Where fabrics follow each other as daemons do. */
export interface FabricHome extends AsyncDisposable {
  open(): Promise<Fabric & AsyncDisposable>;
  /** A port that is free on this fabric's host. */
  freePort(): number;
  /** Keeps a namespace as a monitor does, past the fabric that made it. */
  keep(namespaceFd: number): number;
}

const request = (containerId: string, ...ports: readonly PublishedPort[]): SandboxRequest => ({ containerId, mode: "bridge", ports });
const published = (hostPort: number, hostIp = "0.0.0.0"): PublishedPort => ({ containerPort: 80, protocol: "tcp", hostIp, hostPort });

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const outcome = await promise.then(
    () => "no failure",
    (error: unknown) => error,
  );
  if (outcome instanceof EngineError) return outcome;
  throw new Error(`expected a fault, got ${String(outcome)}`);
}

async function released(fabric: Fabric, endpoint: Endpoint, containerId: string): Promise<void> {
  await fabric.release(endpoint, containerId);
}

/** A network beside the fabric's own bridge, with names and a subnet made from it. */
function network({ bridge }: Fabric, number: 1 | 2): BridgeNetwork {
  const [, second = "", third = ""] = (bridge?.gateway ?? "").split(".");
  const base = `10.${Number(second) - 32 * number}.${third}`;
  const places = { bridge: `${bridge?.name}${number}`, subnet: `${base}.0/24`, gateway: `${base}.1`, reserved: [] };
  const usual = { internal: false, icc: true, masquerade: true, mtu: 1500, publishAddress: "0.0.0.0", interfacePrefix: "eth" };
  return { id: `n${number}`, name: `network${number}`, ...places, ...usual };
}

const placeOf = ({ networkId, interfaceName }: Attachment): string => `${networkId} ${interfaceName}`;

/** What model/network/fabric.ts promises, for any fabric. */
export function fabricContract(name: string, makeHome: () => FabricHome): void {
  describe(`${name} as a Fabric`, () => {
    test("claim() for host has neither namespace nor address nor ports", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const { endpoint, namespaceFd } = await fabric.claim({ containerId: "a", mode: "host", ports: [published(1)] });
      expect(namespaceFd).toBeUndefined();
      expect(endpoint).toEqual({ sandboxId: endpoint.sandboxId, endpointId: endpoint.endpointId, mode: "host", ports: [] });
    });

    test("claim() for none has a namespace and no address", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const { endpoint, namespaceFd } = await fabric.claim({ containerId: "a", mode: "none", ports: [] });
      expect(namespaceFd).toBeGreaterThan(2);
      expect(endpoint.address).toBeUndefined();
      await released(fabric, endpoint, "a");
    });

    test("claim() with owners makes the namespace in a user namespace of its own", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const ranges = [{ containerId: 0, hostId: 700_000, size: 10 }];
      const owners = { uids: ranges, gids: ranges };
      for (const asked of [request("a"), { containerId: "a", mode: "none", ports: [] } as const]) {
        const { endpoint, namespaceFd = -1, userNamespaceFd = -1 } = await fabric.claim({ ...asked, owners });
        expect(namespaceFd).toBeGreaterThan(2);
        expect(userNamespaceFd).toBeGreaterThan(2);
        await released(fabric, endpoint, "a");
      }
      const { endpoint, userNamespaceFd } = await fabric.claim(request("a"));
      expect(userNamespaceFd).toBeUndefined();
      await released(fabric, endpoint, "a");
    });

    test("claim() for bridge gives addresses of the bridge's subnet, lowest first, and MACs that belong to them", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const sandboxes = [await fabric.claim(request("a")), await fabric.claim(request("b"))];
      const base = (fabric.bridge?.gateway ?? "").split(".").slice(0, 3);
      expect(sandboxes.map(({ endpoint }) => endpoint.address)).toEqual([[...base, "2"].join("."), [...base, "3"].join(".")]);
      const hex = base.map((part) => Number(part).toString(16).padStart(2, "0")).join(":");
      expect(sandboxes.map(({ endpoint }) => endpoint.mac)).toEqual([`02:42:${hex}:02`, `02:42:${hex}:03`]);
      expect(new Set(sandboxes.flatMap(({ endpoint }) => [endpoint.endpointId, endpoint.sandboxId])).size).toBe(4);
      for (const { endpoint } of sandboxes) await released(fabric, endpoint, "a");
    });

    test("claim() of a port that an endpoint has is Docker's conflict, and leaves the port to be claimed later", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const port = home.freePort();
      const first = await fabric.claim(request("a", published(port)));
      const { fault, message } = await failure(fabric.claim({ ...request("b", published(port, "127.0.0.1")), containerName: "web2" }));
      expect({ fault, text: message.replace(/[0-9a-f]{64}/, "ID") }).toEqual({
        fault: "conflict",
        text: `driver failed programming external connectivity on endpoint web2 (ID): Bind for 0.0.0.0:${port} failed: port is already allocated`,
      });
      await released(fabric, first.endpoint, "a");
      const second = await fabric.claim(request("b", published(port, "127.0.0.1")));
      await released(fabric, second.endpoint, "b");
    });

    test("claim() of the same port twice in one container is a conflict that leaves nothing", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const port = home.freePort();
      const { message } = await failure(fabric.claim(request("a", published(port), { ...published(port), containerPort: 81 })));
      expect(message).toEndWith(`Bind for 0.0.0.0:${port} failed: port is already allocated`);
      const { endpoint } = await fabric.claim(request("a", published(port)));
      expect(endpoint.address).toEndWith(".2");
      await released(fabric, endpoint, "a");
    });

    test("claim() of one port number for tcp and udp, or on two addresses, is no conflict", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const port = home.freePort();
      const ports = [published(port, "127.0.0.1"), published(port, "127.0.0.2"), { ...published(port), protocol: "udp" as const }];
      const { endpoint } = await fabric.claim(request("a", ...ports));
      expect(endpoint.ports).toEqual(ports);
      await released(fabric, endpoint, "a");
    });

    test("claim() of port 0 takes one that is free for each, never one that is named beside it, and says which", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const named = published(home.freePort());
      const anyPort = published(0, "127.0.0.1");
      const request3 = request("a", anyPort, { ...anyPort, containerPort: 81 }, named, { ...anyPort, protocol: "udp" });
      const { endpoint } = await fabric.claim(request3);
      const chosen = endpoint.ports.map(({ hostPort }) => hostPort);
      expect(endpoint.ports.map((port) => ({ ...port, hostPort: 0 }))).toEqual(request3.ports.map((port) => ({ ...port, hostPort: 0 })));
      expect(new Set(chosen.slice(0, 3)).size).toBe(3);
      expect(chosen.every((port) => port > 1023)).toBe(true);
      const { message } = await failure(fabric.claim(request("b", published(chosen[0] ?? 0))));
      expect(message).toEndWith(`Bind for 127.0.0.1:${chosen[0]} failed: port is already allocated`);
      await released(fabric, endpoint, "a");
      const again = await fabric.claim(request("b", published(chosen[0] ?? 0)));
      await released(fabric, again.endpoint, "b");
    });

    test("claim() of a range takes the first that is free, and of one with none says so", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const first = home.freePort();
      const range = { ...published(first, "127.0.0.1"), hostPortEnd: first + 99 };
      const claims = [await fabric.claim(request("a", range)), await fabric.claim(request("b", range))];
      const endpoints = claims.map(({ endpoint }) => endpoint);
      const [one, other] = endpoints.map(({ ports }) => ports[0]);
      expect(one).toEqual(published(first, "127.0.0.1"));
      expect(other).toEqual({ ...published(other?.hostPort ?? 0, "127.0.0.1") });
      expect([other?.hostPort].every((port = 0) => port > first && port <= first + 99)).toBe(true);
      const { message } = await failure(fabric.claim(request("c", { ...range, hostPortEnd: first })));
      expect(message).toEndWith(": all ports are allocated");
      for (const endpoint of endpoints) await released(fabric, endpoint, "a");
    });

    test("claim() of a port that is taken names the container that has it", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const port = published(home.freePort());
      const { endpoint } = await fabric.claim(request("a", port));
      const { message } = await failure(fabric.claim({ ...request("b", port), nameOf: (id) => (id === "a" ? "web" : undefined) }));
      expect(message).toEndWith("port is already allocated by container web");
      await released(fabric, endpoint, "a");
    });

    test("release() twice leaves the port with who claimed it in between", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const port = home.freePort();
      const first = await fabric.claim(request("a", published(port)));
      await released(fabric, first.endpoint, "a");
      const second = await fabric.claim(request("b", published(port)));
      await released(fabric, first.endpoint, "a");
      expect((await failure(fabric.claim(request("c", published(port))))).fault).toBe("conflict");
      await released(fabric, second.endpoint, "b");
    });

    test("adopt() reserves address and ports of an endpoint that an earlier fabric made", async () => {
      await using home = makeHome();
      const port = home.freePort();
      const before = await home.open();
      const { endpoint, namespaceFd } = await before.claim(request("a", published(port)));
      const kept = home.keep(namespaceFd ?? -1);
      await before[Symbol.asyncDispose]();
      await using fabric = await home.open();
      await fabric.adopt(endpoint, "a", kept);
      expect((await failure(fabric.claim(request("b", published(port))))).fault).toBe("conflict");
      const next = await fabric.claim(request("b"));
      expect(next.endpoint.address).toEndWith(".3");
      await released(fabric, next.endpoint, "b");
      await released(fabric, endpoint, "a");
    });

    test("connect() and disconnect() tell the way out: highest priority first, ports stay, and nobody has none", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const networks = [network(fabric, 1), network(fabric, 2)] as const;
      for (const each of networks) await fabric.open(each);
      const port = home.freePort();
      const [first, second] = networks;
      const { endpoint } = await fabric.claim({ ...request("a", published(port)), attachments: [{ networkId: first.id }] });
      const both = await fabric.connect(endpoint, { networkId: second.id, priority: 1 });
      expect(attachmentsOf(both).map(placeOf)).toEqual([`${second.id} eth1`, `${first.id} eth0`]);
      expect(both).toMatchObject({ sandboxId: endpoint.sandboxId, mode: "bridge", ports: endpoint.ports });
      expect((await failure(fabric.close(first.id))).fault).toBe("conflict");
      const one = await fabric.disconnect(both, both.endpointId);
      expect(one).toEqual(endpoint);
      const nothing = await fabric.disconnect(one, one.endpointId);
      expect(nothing).toEqual({ ...nothing, sandboxId: endpoint.sandboxId, mode: "none", ports: endpoint.ports });
      expect((await failure(fabric.claim(request("b", published(port))))).fault).toBe("conflict");
      await released(fabric, nothing, "a");
      const next = await fabric.claim(request("b", published(port)));
      await released(fabric, next.endpoint, "b");
      for (const each of networks) await fabric.close(each.id);
    });

    test("connect() that fails leaves the sandbox and the address as they were", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const joined = network(fabric, 1);
      await fabric.open(joined);
      const { endpoint } = await fabric.claim(request("a"));
      const address = joined.gateway.replace(/1$/, "9");
      const wrong = { networkId: joined.id, address, interfaceName: "eth0" };
      expect(await Promise.allSettled([fabric.connect(endpoint, wrong)])).toMatchObject([{ status: "rejected" }]);
      expect(attachmentsOf(await fabric.connect(endpoint, { networkId: joined.id, address })).length).toBe(2);
      await released(fabric, endpoint, "a");
      await fabric.close(joined.id);
    });

    test("connect() beside close() at any instant: one of them has its way", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const { endpoint } = await fabric.claim(request("a"));
      for (let instants = 0; instants < 8; instants += 1) {
        const joined = network(fabric, 1);
        await fabric.open(joined);
        const connected = fabric.connect(endpoint, { networkId: joined.id });
        for (let passed = 0; passed < instants; passed += 1) await Promise.resolve();
        const settled = await Promise.allSettled([connected, fabric.close(joined.id)]);
        expect(settled.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const [{ status }] = settled;
        if (status === "fulfilled") {
          const both = await connected;
          const { endpointId = "" } = attachmentsOf(both).find(({ networkId }) => networkId === joined.id) ?? {};
          await fabric.disconnect(both, endpointId);
          await fabric.close(joined.id);
        }
      }
      await released(fabric, endpoint, "a");
    });

    test("claim() of an address whose holder was released an instant ago gives it, and of one that is held does not", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const joined = network(fabric, 1);
      await fabric.open(joined);
      const asked = { ...request("a"), attachments: [{ networkId: joined.id, address: joined.gateway.replace(/1$/, "9") }] };
      const { endpoint } = await fabric.claim(asked);
      expect((await failure(fabric.claim(asked))).message).toBe("Address already in use");
      await released(fabric, endpoint, "a");
      const again = await fabric.claim(asked);
      expect(again.endpoint.address).toBe(endpoint.address ?? "");
      await released(fabric, again.endpoint, "a");
      await fabric.close(joined.id);
    });

    test("adopt() of a sandbox that left all its networks has its ports until it is released", async () => {
      await using home = makeHome();
      const port = home.freePort();
      const earlier = await home.open();
      const { endpoint, namespaceFd } = await earlier.claim(request("a", published(port)));
      const left = await earlier.disconnect(endpoint, endpoint.endpointId);
      const kept = home.keep(namespaceFd ?? -1);
      await earlier[Symbol.asyncDispose]();
      await using fabric = await home.open();
      await fabric.adopt(left, "a", kept);
      expect((await failure(fabric.claim(request("b", published(port))))).fault).toBe("conflict");
      const back = await fabric.connect(left, {});
      expect(back).toMatchObject({ mode: "bridge", ports: endpoint.ports, address: endpoint.address ?? "" });
      await released(fabric, back, "a");
    });

    test("counters() tell of interfaces that are there, and leave out the others", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      const none = await fabric.claim({ containerId: "a", mode: "none", ports: [] });
      const host = await fabric.claim({ containerId: "b", mode: "host", ports: [] });
      const bridged = await fabric.claim(request("c"));
      const claimed = [none, host, bridged].map(({ endpoint }) => endpoint);
      const counters = await fabric.counters(claimed);
      expect([...counters].map(([id, links]) => [id, links.map(({ name }) => name)])).toEqual([[bridged.endpoint.endpointId, ["eth0"]]]);
      for (const endpoint of claimed) await released(fabric, endpoint, "a");
      expect((await fabric.counters([])).size).toBe(0);
    });

    test("resolvConf() names a server for every mode", async () => {
      await using home = makeHome();
      await using fabric = await home.open();
      for (const mode of ["bridge", "none"] as const) expect(await fabric.resolvConf(mode)).toMatch(/^nameserver \d/m);
      expect(await fabric.resolvConf("host")).toContain("# Based on host file: '/etc/resolv.conf'\n");
    });
  });
}
