import { openSync, readFileSync } from "node:fs";
import type { EngineError } from "#base";
import type { PublishedPort } from "#network";
import { describe, expect, test } from "bun:test";
import { fabricContract } from "../../../test/contract/fabric.ts";
import { succeed } from "../../../test/support/command.ts";
import { FabricPlace, freePort, hear, inside, LineServer } from "../../../test/support/fabric-place.ts";
import { waitFor } from "../../../test/support/wait-for.ts";

const keep = (namespaceFd: number): number => openSync(`/proc/self/fd/${namespaceFd}`, "r");

fabricContract("LinuxFabric", () => {
  const place = new FabricPlace();
  return { open: () => place.open(), freePort, keep, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
});

const published = (hostPort: number, hostIp = "0.0.0.0"): PublishedPort => ({ containerPort: 80, protocol: "tcp", hostIp, hostPort });

interface Address {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

describe("claim()", () => {
  test("gives a bridged sandbox eth0 with its address, MAC and default route, and no IPv6 on it", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const { endpoint, namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    const addresses = JSON.parse(await succeed([...inside(namespaceFd), "ip", "-json", "address"])) as Address[];
    const seen = addresses.map(({ ifname, address, addr_info }) => ({
      ifname,
      address,
      local: addr_info.filter(({ family, local }) => family === "inet" || local.startsWith("fe80")).map(({ local }) => local),
    }));
    expect(seen).toEqual([
      { ifname: "lo", address: "00:00:00:00:00:00", local: ["127.0.0.1"] },
      { ifname: "eth0", address: endpoint.mac ?? "", local: [endpoint.address ?? ""] },
    ]);
    expect(await succeed([...inside(namespaceFd), "ip", "route", "show", "default"])).toContain(`default via ${endpoint.gateway} dev eth0`);
    await succeed([...inside(namespaceFd), "busybox", "ping", "-c1", "-W1", endpoint.gateway ?? ""]);
  });

  test("counts what goes through eth0 as the container does", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const { endpoint, namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    await succeed([...inside(namespaceFd), "busybox", "ping", "-c3", "-i0.1", "-s1000", "-W1", endpoint.gateway ?? ""]);
    interface Told {
      readonly stats64: { readonly rx: Record<"bytes" | "packets", number>; readonly tx: Record<"bytes" | "packets", number> };
    }
    const look = async (): Promise<{ readonly rx: number; readonly tx: number }> => {
      const [told] = JSON.parse(await succeed([...inside(namespaceFd), "ip", "-s", "-json", "link", "show", "eth0"])) as Told[];
      return { rx: told?.stats64.rx.bytes ?? -1, tx: told?.stats64.tx.bytes ?? -1 };
    };
    const before = await look();
    const [link] = (await fabric.counters([endpoint])).get(endpoint.endpointId) ?? [];
    const after = await look();
    const counted = { rx: Number(link?.received.bytes), tx: Number(link?.sent.bytes) };
    expect(before.tx).toBeGreaterThan(3 * 1000);
    for (const way of ["rx", "tx"] as const) {
      expect(counted[way]).toBeGreaterThanOrEqual(before[way]);
      expect(counted[way]).toBeLessThanOrEqual(after[way]);
    }
    await fabric.release(endpoint, "a");
    await waitFor(async () => (await fabric.counters([endpoint])).size === 0, { what: "end of the interface" });
  });

  test("connects sandboxes of one bridge", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const one = await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    const other = await fabric.claim({ containerId: "b", mode: "bridge", ports: [] });
    await succeed([...inside(one.namespaceFd ?? -1), "busybox", "ping", "-c1", "-W2", other.endpoint.address ?? ""]);
  });

  test("of a port that another process listens on is Docker's text and leaves no interface", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const claim = fabric.claim({ containerId: "a", containerName: "web", mode: "bridge", ports: [published(listener.port)] });
    const message = await claim.then(
      () => "claimed",
      (error: Error) => error.message,
    );
    const program = readFileSync("/proc/self/comm", "utf8").trim();
    const target = `0.0.0.0:${listener.port}:${fabric.bridge?.gateway.replace(/1$/, "2")}:80/tcp`;
    expect(message.replace(/[0-9a-f]{64}/, "ID")).toBe(
      `driver failed programming external connectivity on endpoint web (ID): failed to bind host port for ${target}: address already in use by ${program} (pid ${process.pid})`,
    );
    expect(await place.ports()).toEqual([]);
  });

  test("of a host address that the machine does not have is Docker's text", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const claim = fabric.claim({ containerId: "a", mode: "bridge", ports: [published(freePort(), "203.0.113.9")] });
    expect(
      await claim.then(
        () => "claimed",
        (error: Error) => error.message,
      ),
    ).toEndWith(":80/tcp: cannot assign requested address");
  });

  test("of udp on an IPv6 address says that it is not there yet and keeps no address", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = { ...published(freePort(), "::1"), protocol: "udp" as const };
    const outcome = await fabric.claim({ containerId: "a", mode: "bridge", ports: [port] }).then(
      () => "claimed",
      (error: EngineError) => error.fault,
    );
    expect(outcome).toBe("unsupported");
    expect((await fabric.claim({ containerId: "b", mode: "bridge", ports: [] })).endpoint.address).toEndWith(".2");
  });

  test("keeps other processes from a published port while it is held", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const { endpoint } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [published(port)] });
    expect(() => Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } })).toThrow();
    await fabric.release(endpoint, "a");
    using listener = Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    expect(listener.port).toBe(port);
  });

  test("of 20 at once gives 20 addresses, each with its own interface", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const ids = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const sandboxes = await Promise.all(ids.map((containerId) => fabric.claim({ containerId, mode: "bridge", ports: [] })));
    expect(new Set(sandboxes.map(({ endpoint }) => endpoint.address)).size).toBe(20);
    expect((await place.ports()).length).toBe(20);
    await Promise.all(sandboxes.map(({ endpoint }) => fabric.release(endpoint, "")));
    await waitFor(async () => (await place.ports()).length === 0, { what: "end of the interfaces" });
  });
});

describe("published ports", () => {
  test("answer at 127.0.0.1, at the host's address, from another sandbox and from the own one", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const web = await fabric.claim({ containerId: "a", mode: "bridge", ports: [published(port)] });
    const other = await fabric.claim({ containerId: "b", mode: "bridge", ports: [] });
    await using _server = await LineServer.open({ namespaceFd: web.namespaceFd ?? -1, port: 80, line: "hello" });
    const gateway = fabric.bridge?.gateway ?? "";
    const heard = [
      await hear("127.0.0.1", port),
      await hear(gateway, port),
      await hear(gateway, port, inside(other.namespaceFd ?? -1)),
      await hear(gateway, port, inside(web.namespaceFd ?? -1)),
    ];
    expect(heard).toEqual(["hello", "hello", "hello", "hello"]);
  });

  test("of udp carry packets both ways", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const ports = [{ containerPort: 53, protocol: "udp" as const, hostIp: "127.0.0.1", hostPort: port }];
    const { namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports });
    await using _server = await LineServer.open({ namespaceFd, protocol: "udp", port: 53, line: "answer" });
    const answer = Promise.withResolvers<string>();
    const client = await Bun.udpSocket({ socket: { data: (_socket, bytes) => answer.resolve(bytes.toString()) } });
    client.send("question", port, "127.0.0.1");
    expect(await answer.promise).toBe("answer\n");
    client.close();
  });

  test("of udp reach the next container from a client that never changed its own port", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const ports = [{ containerPort: 53, protocol: "udp" as const, hostIp: "0.0.0.0", hostPort: port }];
    const answers: string[] = [];
    const data = (_socket: unknown, bytes: Buffer): void => void answers.push(bytes.toString().trim());
    const client = await Bun.udpSocket({ socket: { data } });
    const before = await Bun.udpSocket({ port, socket: { data: (own, _bytes, from, sender) => void own.send("host", from, sender) } });
    const gateway = fabric.bridge?.gateway ?? "";
    // To a process of the host, then to one container after the other: always the same flow for the kernel.
    client.send("question", port, gateway);
    await waitFor(() => answers.at(-1) === "host", { what: "answer of the host" });
    before.close();
    for (const line of ["first", "second"]) {
      const { endpoint, namespaceFd = -1 } = await fabric.claim({ containerId: line, mode: "bridge", ports });
      await using _server = await LineServer.open({ namespaceFd, protocol: "udp", port: 53, line });
      client.send("question", port, gateway);
      await waitFor(() => answers.at(-1) === line, { what: `answer of the ${line} container`, deadline: 2000 });
      await fabric.release(endpoint, line);
    }
    client.close();
    expect(answers).toEqual(["host", "first", "second"]);
  });

  test("G03 G05 unpublished-from-the-lan: a neighbour reaches what is published for it, nothing on 127.0.0.1, nothing unpublished", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    await using lan = await openLan(place.names.bridge);
    const [open, local] = [freePort(), freePort()];
    const ports = [published(open), published(local, "127.0.0.1")];
    const { endpoint, namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports });
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "hello" });
    const address = endpoint.address ?? "";
    await succeed([...lan.prefix, "ip", "route", "add", fabric.bridge?.subnet ?? "", "via", lan.host]);
    await succeed([
      ...lan.prefix,
      "sh",
      "-c",
      "ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via $0; echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet",
      lan.host,
    ]);
    await Bun.write(`/proc/sys/net/ipv4/conf/${lan.link}/route_localnet`, "1");
    expect({ published: await hear(lan.host, open, lan.prefix), here: await hear("127.0.0.1", local) }).toEqual({
      published: "hello",
      here: "hello",
    });
    expect({
      localOnTheLan: await hear(lan.host, local, lan.prefix),
      loopback: await hear("127.0.0.1", local, lan.prefix),
      direct: await hear(address, 80, lan.prefix),
    }).toEqual({ localOnTheLan: "", loopback: "", direct: "" });
    // The same neighbour does get through where the guard is not: what was silent above was kept out by it.
    await succeed(["nft", "flush", "chain", "inet", place.names.nftTable, "guard"]);
    await succeed(["nft", "flush", "chain", "inet", place.names.nftTable, "forward"]);
    expect(await hear(address, 80, lan.prefix)).toBe("hello");
  });

  test("G03 come back within 5 s when somebody flushes the ruleset, and at once with the next claim", async () => {
    await using place = new FabricPlace();
    await using fabric = await place.open();
    const port = freePort();
    const { namespaceFd = -1 } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [published(port)] });
    await using _server = await LineServer.open({ namespaceFd, port: 80, line: "hello" });
    const rules = await place.rules();
    // The kernel tells of it at once: whether a client still meets the gap is chance.
    await succeed(["nft", "delete", "table", "inet", place.names.nftTable]);
    await fabric.claim({ containerId: "b", mode: "bridge", ports: [] });
    expect(await place.rules()).toBe(rules);
    await succeed(["nft", "flush", "map", "inet", place.names.nftTable, "ports"]);
    await waitFor(async () => (await place.rules()) === rules, { what: "elements", deadline: 5000 });
    await succeed(["nft", "delete", "table", "inet", place.names.nftTable]);
    await waitFor(async () => (await place.rules()) === rules, { what: "rules", deadline: 5000 });
    expect(await hear("127.0.0.1", port)).toBe("hello");
  });
});

/** A neighbour of the host in a namespace of its own, on a link whose names hold the token. */
async function openLan(
  token: string,
): Promise<AsyncDisposable & { readonly prefix: readonly string[]; readonly host: string; readonly link: string }> {
  const link = `${token}h`;
  const third = crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
  const [host, neighbour] = [`10.191.${third}.1`, `10.191.${third}.2`];
  const script = [
    `ip netns add ${token}`,
    `ip link add ${link} type veth peer name lan0 netns ${token}`,
    `ip addr add ${host}/24 dev ${link}`,
    `ip link set ${link} up`,
    `ip -n ${token} addr add ${neighbour}/24 dev lan0`,
    `ip -n ${token} link set lan0 up`,
    `ip -n ${token} link set lo up`,
  ];
  await succeed(["sh", "-ec", script.join("\n")]);
  const end = async (): Promise<void> => void (await succeed(["sh", "-c", `ip link del ${link}; ip netns del ${token}`]));
  return { prefix: ["ip", "netns", "exec", token], host, link, [Symbol.asyncDispose]: end };
}
