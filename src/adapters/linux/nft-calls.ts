// Kernel calls on nftables. In a worker: a transaction waits for those of other programs.
// They take a descriptor that stays open from call to call: the kernel lets the close of any netfilter socket wait for everything that
// was removed to be freed (nft_rcv_nl_event), 8 to 20 ms. One call at a time may use it.
import { hasCode } from "./kernel-error.ts";
import { netlinkFamily, type NetlinkMessage, NetlinkSocket, openNetlink } from "./netlink.ts";
import {
  addElements,
  batchFrame,
  dropTable,
  getElements,
  getGeneration,
  getRules,
  type NftElement,
  type NftTable,
  readElements,
  readGeneration,
  removeElements,
  replaceTable,
} from "./nftables.ts";

/** What stands of a table. */
export interface NftTableState {
  readonly rules: number;
  readonly elements: readonly NftElement[];
}

/** Elements that go and come in one transaction. */
export interface NftChange {
  readonly removed: readonly NftElement[];
  readonly added: readonly NftElement[];
}

/** The descriptor for these calls; whoever opens it closes it, behind everything else. In line. @throws KernelError */
export function openNetfilter(): number {
  return openNetlink(netlinkFamily.netfilter);
}

/** Tells the generation that follows, as `readNftGeneration` does. */
function commit(fd: number, messages: readonly NetlinkMessage[]): number {
  if (messages.length > 0) new NetlinkSocket(fd).transact(batchFrame.begin, messages, batchFrame.end);
  return readNftGeneration(fd);
}

/** A number that each transaction of nftables, of whomever, makes greater by one: one that stayed says that nothing changed. @throws KernelError */
function readNftGeneration(fd: number): number {
  const [generation = 0] = new NetlinkSocket(fd).request([getGeneration]).map(readGeneration);
  return generation;
}

/** The table in one transaction in the place of what stood under its name: no packet sees it half; the generation then. @throws KernelError */
function replaceNftTable(fd: number, table: NftTable, elements: readonly NftElement[]): number {
  return commit(fd, replaceTable(table, elements));
}

/** Removes the table where it is there. @throws KernelError */
function dropNftTable(fd: number, table: string): void {
  commit(fd, dropTable(table));
}

/**
 * Takes elements out and puts elements in, together or not at all; the generation then.
 * @throws KernelError ENOENT, EEXIST where the table is not as thought
 */
function changeNftElements(fd: number, table: string, change: NftChange): number {
  return commit(fd, [...removeElements(table, change.removed), ...addElements(table, change.added)]);
}

/** How many rules the table has, and the elements of these maps, in one generation; undefined where the table or a map is gone. @throws KernelError */
function readNftTable(fd: number, table: string, maps: readonly string[]): NftTableState | undefined {
  const socket = new NetlinkSocket(fd);
  try {
    const rules = socket.dump(getRules(table)).length;
    const elements = maps.flatMap((map) => socket.dump(getElements(table, map)).flatMap((answer) => readElements(map, answer)));
    return { rules, elements };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

export const nftCalls = { replaceNftTable, dropNftTable, changeNftElements, readNftTable, readNftGeneration };
