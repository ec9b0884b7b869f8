// nftables over its own netlink protocol (linux/netfilter/nf_tables.h): tables, chains, rules, maps and their elements as messages of one
// transaction. Family inet throughout.
import {
  attribute,
  bigEndian,
  flag,
  joinBytes,
  listAttributes,
  nested,
  type NetlinkAnswer,
  type NetlinkMessage,
  readAttributes,
  zeroTerminated,
} from "./netlink.ts";
import type { Expression } from "./nft-expressions.ts";

const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NFPROTO_INET = 1;
const NFT_MSG_NEWTABLE = 0;
const NFT_MSG_DELTABLE = 2;
const NFT_MSG_NEWCHAIN = 3;
const NFT_MSG_NEWRULE = 6;
const NFT_MSG_GETRULE = 7;
const NFT_MSG_NEWSET = 9;
const NFT_MSG_NEWSETELEM = 12;
const NFT_MSG_GETSETELEM = 13;
const NFT_MSG_DELSETELEM = 14;
const NFT_MSG_GETGEN = 16;
const NFT_SET_INTERVAL = 4;
const NFT_SET_MAP = 8;
const NFT_SET_CONCAT = 0x80;
const NFTA_LIST_ELEM = 1;
const NFTA_DATA_VALUE = 1;
const hookNumber = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;
/** Types of concatenated keys, as userspace numbers them, six bits a part. */
const dataType = { ipv4: 7, ipv6: 8, protocol: 12, port: 13, interface: 41 } as const;
/** Bytes of a part within a key; all but names are padded to four. */
const dataLength = { ipv4: 4, ipv6: 16, protocol: 4, port: 4, interface: 16 } as const;
/** What nft(8) keeps beside a set to know that its keys are texts: the type "byte order of the key", a length, the host's. */
const hostOrder = new Uint8Array([0, 4, 1, 0, 0, 0]);
/** Elements in one message: an attribute list may not pass 64 KiB. */
const elementsPerMessage = 500;

/** A part of a map's key or value. */
export type NftPart = keyof typeof dataType;

/** A map from concatenated parts to concatenated parts, each padded to four bytes; with no parts for a value it is a set. */
export interface NftMap {
  readonly name: string;
  readonly key: readonly NftPart[];
  readonly value: readonly NftPart[];
  /** Elements are ranges, from a key to a key. Several parts only: for one the kernel has another encoding. */
  readonly ranges?: boolean;
}

/** A chain; without a hook it is only jumped to. */
export interface NftChain {
  readonly name: string;
  readonly hook?: { readonly type: "filter" | "nat"; readonly at: keyof typeof hookNumber; readonly priority: number };
  readonly rules: readonly (readonly Expression[])[];
}

/** What a table is made of; its maps' elements come and go beside it. */
export interface NftTable {
  readonly name: string;
  readonly maps: readonly NftMap[];
  readonly chains: readonly NftChain[];
}

/** Key and value of a map's element, as the kernel holds them; the value of a set's is empty. */
export interface NftElement {
  readonly map: string;
  readonly key: Uint8Array;
  /** The last key of a range. */
  readonly lastKey?: Uint8Array;
  readonly value: Uint8Array;
}

function message(type: number, flags: number, attributes: readonly Uint8Array[], subject: string): NetlinkMessage {
  const header = new Uint8Array([NFPROTO_INET, 0, 0, 0]);
  return { type: (NFNL_SUBSYS_NFTABLES << 8) | type, flags, body: joinBytes([header, ...attributes]), subject: `nftables ${subject}` };
}

function name(type: number, text: string): Uint8Array {
  return attribute(type, zeroTerminated(text));
}

function number(type: number, value: number): Uint8Array {
  return attribute(type, bigEndian(value, 4));
}

/** The frame of a transaction. */
export const batchFrame: { readonly begin: NetlinkMessage; readonly end: NetlinkMessage } = {
  begin: { type: NFNL_MSG_BATCH_BEGIN, flags: 0, body: new Uint8Array([0, 0, 0, NFNL_SUBSYS_NFTABLES]), subject: "nftables transaction" },
  end: { type: NFNL_MSG_BATCH_END, flags: 0, body: new Uint8Array([0, 0, 0, NFNL_SUBSYS_NFTABLES]), subject: "nftables transaction" },
};

/** Removes the table, whether or not it is there. */
export function dropTable(table: string): NetlinkMessage[] {
  return [
    message(NFT_MSG_NEWTABLE, flag.create, [name(1, table)], `table ${table}`),
    message(NFT_MSG_DELTABLE, 0, [name(1, table)], `table ${table}`),
  ];
}

/** Puts the table, with these elements, in the place of whatever stood under its name. */
export function replaceTable(table: NftTable, elements: readonly NftElement[]): NetlinkMessage[] {
  return [
    ...dropTable(table.name),
    message(NFT_MSG_NEWTABLE, flag.create, [name(1, table.name)], `table ${table.name}`),
    ...table.chains.map((chain) => newChain(table.name, chain)),
    ...table.maps.map((map, index) => newMap(table.name, map, index + 1)),
    ...table.chains.flatMap((chain) => chain.rules.map((rule) => newRule(table.name, chain.name, rule))),
    ...addElements(table.name, elements),
  ];
}

function newChain(table: string, chain: NftChain): NetlinkMessage {
  const { hook } = chain;
  const policyAccept = 1;
  const attached =
    hook === undefined
      ? []
      : [nested(4, number(1, hookNumber[hook.at]), number(2, hook.priority)), number(5, policyAccept), name(7, hook.type)];
  return message(NFT_MSG_NEWCHAIN, flag.create, [name(1, table), name(3, chain.name), ...attached], `chain ${chain.name}`);
}

function newRule(table: string, chain: string, rule: readonly Expression[]): NetlinkMessage {
  const attributes = [name(1, table), name(2, chain), nested(4, ...rule)];
  return message(NFT_MSG_NEWRULE, flag.create | flag.append, attributes, `rule in ${chain}`);
}

function newMap(table: string, map: NftMap, id: number): NetlinkMessage {
  const typeOf = (parts: readonly NftPart[]): number => parts.reduce((type, part) => (type << 6) | dataType[part], 0);
  // Alone, a port is not padded.
  const lengthOf = (parts: readonly NftPart[]): number =>
    parts.length === 1 && parts[0] === "port" ? 2 : parts.reduce((sum, part) => sum + dataLength[part], 0);
  const isSet = map.value.length === 0;
  const fields = map.key.map((part) => nested(NFTA_LIST_ELEM, number(1, dataLength[part])));
  const attributes = [
    name(1, table),
    name(2, map.name),
    number(3, (isSet ? 0 : NFT_SET_MAP) | (map.ranges === true ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0)),
    number(4, typeOf(map.key)),
    number(5, lengthOf(map.key)),
    ...(isSet ? [] : [number(6, typeOf(map.value)), number(7, lengthOf(map.value))]),
    ...(map.ranges === true ? [nested(9, nested(2, ...fields))] : []),
    number(10, id),
    ...(map.key.length === 1 && map.key[0] === "interface" ? [attribute(13, hostOrder)] : []),
  ];
  return message(NFT_MSG_NEWSET, flag.create, attributes, `map ${map.name}`);
}

/** Adds elements; one that stands with the same value is left, with another value the transaction fails with EEXIST. */
export function addElements(table: string, elements: readonly NftElement[]): NetlinkMessage[] {
  return elementMessages(NFT_MSG_NEWSETELEM, table, elements);
}

/** Removes elements. ENOENT where one is not there. */
export function removeElements(table: string, elements: readonly NftElement[]): NetlinkMessage[] {
  return elementMessages(NFT_MSG_DELSETELEM, table, elements);
}

function elementMessages(type: number, table: string, elements: readonly NftElement[]): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (const [map, members] of Map.groupBy(elements, (element) => element.map)) {
    for (let start = 0; start < members.length; start += elementsPerMessage) {
      const encoded = members.slice(start, start + elementsPerMessage).map((member) => encodeElement(member, type === NFT_MSG_NEWSETELEM));
      const flags = type === NFT_MSG_NEWSETELEM ? flag.create : 0;
      messages.push(message(type, flags, [name(1, table), name(2, map), nested(3, ...encoded)], `map ${map}`));
    }
  }
  return messages;
}

function encodeElement(element: NftElement, withValue: boolean): Uint8Array {
  const data = (type: number, bytes: Uint8Array): Uint8Array => nested(type, attribute(NFTA_DATA_VALUE, bytes));
  const last = element.lastKey === undefined ? [] : [data(10, element.lastKey)];
  return nested(NFTA_LIST_ELEM, data(1, element.key), ...(withValue && element.value.length > 0 ? [data(2, element.value)] : []), ...last);
}

/** Asks for all rules of a table. ENOENT or nothing where there is no table. */
export function getRules(table: string): NetlinkMessage {
  return message(NFT_MSG_GETRULE, 0, [name(1, table)], `table ${table}`);
}

/** Asks for all elements of a map. ENOENT where there is none. */
export function getElements(table: string, map: string): NetlinkMessage {
  return message(NFT_MSG_GETSETELEM, 0, [name(1, table), name(2, map)], `map ${map}`);
}

/** The elements in one answer to `getElements`. */
export function readElements(map: string, answer: NetlinkAnswer): readonly NftElement[] {
  const list = readAttributes(answer.body.subarray(4)).get(3) ?? new Uint8Array();
  return listAttributes(list).map(([, element]) => {
    const attributes = readAttributes(element);
    const valueOf = (type: number): Uint8Array =>
      readAttributes(attributes.get(type) ?? new Uint8Array()).get(NFTA_DATA_VALUE) ?? new Uint8Array();
    return { map, key: valueOf(1), value: valueOf(2), ...(attributes.has(10) && { lastKey: valueOf(10) }) };
  });
}

/** Asks for the number of the ruleset's generation: each transaction of anybody makes the next. */
export const getGeneration: NetlinkMessage = {
  type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
  flags: 0,
  body: new Uint8Array(4),
  subject: "nftables generation",
};

/** The number in an answer to `getGeneration`. */
export function readGeneration(answer: NetlinkAnswer): number {
  const id = readAttributes(answer.body.subarray(4)).get(1) ?? new Uint8Array(4);
  return new DataView(id.buffer, id.byteOffset).getUint32(0, false);
}
