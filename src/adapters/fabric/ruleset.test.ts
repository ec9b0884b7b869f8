import { describe, expect, test } from "bun:test";
import { FabricPlace } from "../../../test/support/fabric-place.ts";
import { elementKey, portElements, ruleset } from "./ruleset.ts";

describe("ruleset()", () => {
  test("is what nft(8) lists as the rules that the file's head describes", async () => {
    await using place = new FabricPlace();
    const { bridge } = place.names;
    await using fabric = await place.open();
    const subnet = fabric.bridge?.subnet ?? "";
    expect((await place.rules()).replace(/^\s*\n/gm, "")).toBe(`table inet ${place.names.nftTable} {
	map ports {
		type inet_proto . inet_service : ipv4_addr . inet_service
	}
	map bound_ports {
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
	}
	map ports6 {
		type inet_service : inet_service
	}
	map bound_ports6 {
		type ipv6_addr . inet_service : inet_service
	}
	set bridges {
		type ifname
		elements = { "${bridge}" }
	}
	set masked {
		type ifname
		elements = { "${bridge}" }
	}
	set internal {
		type ifname
	}
	set same {
		type ifname . ifname
		elements = { "${bridge}" . "${bridge}" }
	}
	set talking {
		type ifname . ifname
		elements = { "${bridge}" . "${bridge}" }
	}
	set homes {
		type ipv4_addr . ifname
		flags interval
		elements = { ${subnet} . "${bridge}" }
	}
	chain guard {
		type filter hook prerouting priority raw; policy accept;
		iifname != "lo" ip daddr 127.0.0.0/8 drop
	}
	chain publish {
		dnat ip to ip daddr . meta l4proto . th dport map @bound_ports
		meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports
	}
	chain relay {
		meta nfproto ipv6 meta l4proto tcp redirect to :ip6 daddr . tcp dport map @bound_ports6
		meta nfproto ipv6 meta l4proto tcp redirect to :tcp dport map @ports6
	}
	chain inbound {
		type nat hook prerouting priority dstnat; policy accept;
		meta nfproto ipv4 fib daddr type local jump publish
		meta nfproto ipv6 fib daddr type local jump relay
	}
	chain local {
		type nat hook output priority -100; policy accept;
		meta nfproto ipv4 fib daddr type local jump publish
		meta nfproto ipv6 fib daddr type local jump relay
	}
	chain outbound {
		type nat hook postrouting priority srcnat; policy accept;
		meta nfproto ipv4 iifname @masked iifname . oifname != @same masquerade
		oifname @bridges ip saddr 127.0.0.0/8 masquerade
		ip saddr . oifname @homes ct status dnat masquerade
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		oifname @bridges ct state established,related accept
		iifname . oifname @talking accept
		iifname . oifname @same drop
		iifname @internal drop
		oifname @internal drop
		oifname @bridges ct status dnat accept
		oifname @bridges drop
		iifname @bridges accept
	}
}
`);
  });

  test("closes ports of the host to containers, where that is asked for", async () => {
    await using place = new FabricPlace();
    await using _fabric = await place.open({ closedPorts: [2376, 40_000] });
    expect((await place.rules()).replace(/^\s*\n/gm, "")).toContain(`	chain doors {
		type filter hook input priority filter; policy accept;
		iifname @bridges tcp dport 2376 drop
		iifname @bridges tcp dport 40000 drop
	}
`);
  });

  test("has as many rules with a thousand published ports as with none, and nft(8) reads each element back", async () => {
    await using place = new FabricPlace();
    const table = ruleset(place.names.nftTable);
    const ports = Array.from({ length: 1000 }, (_, index) => ({
      containerPort: 1 + index,
      protocol: index % 2 === 0 ? ("tcp" as const) : ("udp" as const),
      hostIp: index % 3 === 0 ? "127.0.0.1" : "",
      hostPort: 30_000 + index,
    }));
    await using fabric = await place.open();
    expect(fabric.bridge?.name).toBe(place.names.bridge);
    expect(countRules(await place.rules())).toBe(table.chains.flatMap((chain) => chain.rules).length);
    await fabric.adopt({ ...bridged, address: "10.255.1.2", ports }, "c", undefined);
    const listed = await place.rules();
    const elements = ports.map(({ containerPort, protocol, hostIp, hostPort }) => {
      const service = `${protocol} . ${hostPort} : 10.255.1.2 . ${containerPort}`;
      return hostIp === "" ? service : `${hostIp} . ${service}`;
    });
    expect(elements.filter((element) => !listed.includes(element))).toEqual([]);
    expect(countRules(listed)).toBe(table.chains.flatMap((chain) => chain.rules).length);
  }, 20_000);
});

function countRules(listed: string): number {
  return listed.split("\n").filter((line) => /(drop|accept|masquerade|jump publish|jump relay|map @\w+)$/.test(line)).length;
}

const bridged = {
  sandboxId: "s",
  endpointId: "e".repeat(64),
  mode: "bridge",
  prefixLength: 24,
  gateway: "10.255.1.1",
  mac: "02:42:0a:ff:01:02",
} as const;

test("portElements() keeps keys of different addresses, protocols and ports apart", () => {
  const port = { containerPort: 80, hostPort: 8080, hostIp: "", protocol: "tcp" } as const;
  const ports = [
    port,
    { ...port, protocol: "udp" } as const,
    { ...port, protocol: "sctp" } as const,
    { ...port, hostIp: "127.0.0.1" },
    { ...port, hostIp: "10.0.0.1" },
    { ...port, hostPort: 8081 },
  ];
  expect(new Set(portElements("172.17.0.2", ports).map(elementKey)).size).toBe(6);
  expect(portElements("172.17.0.2", [port])).toEqual([
    { map: "ports", key: new Uint8Array([6, 0, 0, 0, 0x1f, 0x90, 0, 0]), value: new Uint8Array([172, 17, 0, 2, 0, 80, 0, 0]) },
  ]);
});
