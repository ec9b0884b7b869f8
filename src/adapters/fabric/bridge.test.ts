import { describe, expect, test } from "bun:test";
import { Kernel } from "#linux";
import { run, succeed } from "../../../test/support/command.ts";
import { FabricPlace, fabricNames } from "../../../test/support/fabric-place.ts";
import { freeBridgeCidr, openFabric } from "./index.ts";

describe("openFabric()", () => {
  test("keeps the address of a bridge that stands", async () => {
    await using place = new FabricPlace();
    await succeed(["ip", "link", "add", place.names.bridge, "type", "bridge"]);
    const cidr = place.names.bridgeCidr.replace(/1\/24$/, "129/25");
    await succeed(["ip", "addr", "add", cidr, "dev", place.names.bridge]);
    await using fabric = await place.open();
    expect(fabric.bridge).toEqual({
      name: place.names.bridge,
      subnet: cidr.replace("129/25", "128/25"),
      gateway: cidr.replace("/25", ""),
      mtu: 1500,
      icc: true,
      masquerade: true,
      publishAddress: "0.0.0.0",
    });
    const { endpoint } = await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    expect(endpoint.address).toBe(cidr.replace("129/25", "130"));
  });

  test("with the bridge none has no bridge, and claim() for one says so", async () => {
    await using kernel = new Kernel();
    await using fabric = await openFabric({ place: { ...fabricNames(), bridge: "none" }, kernel });
    expect(fabric.bridge).toBeUndefined();
    const claim = fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    expect(
      await claim.then(
        () => "claimed",
        (error: Error) => error.message,
      ),
    ).toBe("network bridge not found");
  });

  test("G10 injected-name: refuses a bridge name that is no interface name, and makes nothing", async () => {
    await using kernel = new Kernel();
    for (const bridge of ["a/b", "..", "sixteen-letters-x", 'x"; flush ruleset; #', "a b", ""]) {
      const outcome = await openFabric({ place: { ...fabricNames(), bridge }, kernel }).then(
        () => "opened",
        (error: Error) => error.message,
      );
      expect(outcome).toStartWith(`invalid bridge name ${JSON.stringify(bridge)}`);
    }
  });

  test("refuses an interface that is no bridge", async () => {
    await using kernel = new Kernel();
    const outcome = await openFabric({ place: { ...fabricNames(), bridge: "lo" }, kernel }).then(
      async (fabric) => {
        await fabric[Symbol.asyncDispose]();
        return "opened";
      },
      (error: Error) => error.message,
    );
    expect(outcome).toBe('bridge "lo" is an interface of another kind');
  });

  test("twice at once in one place makes one bridge", async () => {
    await using place = new FabricPlace();
    const [one, other] = await Promise.all([place.open(), place.open()]);
    expect(one.bridge).toEqual(other.bridge);
    await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  });

  test("destroy() leaves neither bridge nor table nor interface", async () => {
    const place = new FabricPlace();
    const fabric = await place.open();
    await fabric.claim({ containerId: "a", mode: "bridge", ports: [] });
    await fabric.destroy();
    const links = await succeed(["ip", "-brief", "link"]);
    expect(links).not.toContain(place.names.bridge);
    expect(await place.rules()).toBe("");
    expect((await run(["ip", "link", "show", place.names.bridge])).code).toBe(1);
    await place.kernel[Symbol.asyncDispose]();
  });
});

describe("freeBridgeCidr()", () => {
  test("is the address of the bridge that stands, or one that no route overlaps", async () => {
    await using place = new FabricPlace();
    const free = await freeBridgeCidr(place.kernel, place.names.bridge);
    expect(free).toMatch(/^(172\.(1[7-9]|2\d|3[01])\.0\.1\/16|192\.168\.\d+\.1\/20)$/);
    await using _fabric = await place.open();
    expect(await freeBridgeCidr(place.kernel, place.names.bridge)).toBe(place.names.bridgeCidr);
  });
});
