import { closeFd, type KernelPort, openNetfilter } from "#linux";
import type { Firewall } from "./firewall.ts";

/** What the fabric asks of its rules. */
export type Rules = Pick<Firewall, "add" | "remove" | "replaceAll" | "check" | "forgetFlows" | "drop"> & AsyncDisposable;

/** For a daemon that was told to leave the kernel's rules alone: takes away what an earlier one put, and then does nothing. */
export async function openWithoutRules(kernel: KernelPort, table: string): Promise<Rules> {
  const socket = openNetfilter();
  try {
    await kernel.run("dropNftTable", socket, table);
  } finally {
    closeFd(socket);
  }
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    add: nothing,
    remove: nothing,
    replaceAll: nothing,
    check: nothing,
    forgetFlows: nothing,
    drop: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}
