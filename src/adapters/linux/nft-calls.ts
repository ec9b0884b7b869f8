// Kernel calls on nftables. In a worker: a transaction waits for the kernel's readers of the rules.
import { hasCode } from "./kernel-error.ts";
import { netlinkFamily, type NetlinkMessage, NetlinkSocket } from "./netlink.ts";
import { addElements, batchFrame, dropTable, getElements, getRules, type NftElement, type NftTable, readElements, removeElements, replaceTable } from "./nftables.ts";

/** What stands of a table. */
export interface NftTableState {
  readonly rules: number;
  readonly elements: readonly NftElement[];
}

function commit(messages: readonly NetlinkMessage[]): void {
  if (messages.length === 0) return;
  using socket = NetlinkSocket.open(netlinkFamily.netfilter);
  socket.transact(batchFrame.begin, messages, batchFrame.end);
}

/** The table in one transaction in the place of what stood under its name: no packet sees it half. @throws KernelError */
function replaceNftTable(table: NftTable, elements: readonly NftElement[]): void {
  commit(replaceTable(table, elements));
}

/** Removes the table where it is there. @throws KernelError */
function dropNftTable(table: string): void {
  commit(dropTable(table));
}

/** Takes elements out and puts elements in, together or not at all. @throws KernelError ENOENT, EEXIST where the table is not as thought */
function changeNftElements(table: string, removed: readonly NftElement[], added: readonly NftElement[]): void {
  commit([...removeElements(table, removed), ...addElements(table, added)]);
}

/** How many rules the table has, and the elements of these maps; undefined where the table or a map is gone. @throws KernelError */
function readNftTable(table: string, maps: readonly string[]): NftTableState | undefined {
  using socket = NetlinkSocket.open(netlinkFamily.netfilter);
  try {
    const rules = socket.dump(getRules(table)).length;
    const elements = maps.flatMap((map) => socket.dump(getElements(table, map)).flatMap((answer) => readElements(map, answer)));
    return { rules, elements };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

export const nftCalls = { replaceNftTable, dropNftTable, changeNftElements, readNftTable };
