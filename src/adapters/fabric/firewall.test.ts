import type { KernelPort } from "#linux";
import { describe, expect, test } from "bun:test";
import { succeed } from "../../../test/support/command.ts";
import { FabricPlace } from "../../../test/support/fabric-place.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { Firewall } from "./firewall.ts";
import { portElements, ruleset } from "./ruleset.ts";

/** The kernel, and which calls went to it. */
function watched(kernel: KernelPort): { readonly kernel: KernelPort; readonly calls: string[] } {
  const calls: string[] = [];
  const run: KernelPort["run"] = (name, ...args) => {
    calls.push(name);
    return kernel.run(name, ...args);
  };
  return { kernel: { run }, calls };
}

const port = { containerPort: 80, protocol: "tcp", hostIp: "", hostPort: 8080 } as const;

describe("check()", () => {
  test("reads the table once after it was put, and again only when somebody else changed rules", async () => {
    await using place = new FabricPlace();
    const { kernel, calls } = watched(place.kernel);
    await using firewall = await Firewall.open(kernel, ruleset(place.names.nftTable));
    const reads = (): number => calls.filter((name) => name === "readNftTable").length;
    await firewall.check();
    // Others' transactions may lie between ours, on a machine that is busy; then one that reads is right to.
    const quiet = async (): Promise<boolean> => {
      const before = reads();
      await firewall.add("e", portElements("10.255.0.2", [port]));
      await firewall.check();
      await firewall.remove("e", portElements("10.255.0.2", [port]));
      await firewall.check();
      return reads() === before;
    };
    await waitFor(quiet, { what: "two changes of ours that were not read back" });
    const before = reads();
    await succeed(["nft", "flush", "chain", "inet", place.names.nftTable, "guard"]);
    await waitFor(async () => (await place.rules()).includes("127.0.0.0/8 drop"), { what: "rules, without a check" });
    expect(reads()).toBeGreaterThan(before);
  });
});
