// Expressions of nftables rules (linux/netfilter/nf_tables.h): a rule is a list of them, run from the left on registers until one fails.
import { attribute, bigEndian, joinBytes, nested, zeroTerminated } from "./netlink.ts";

const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_DATA_VALUE = 1;
const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const NFTA_VERDICT_CHAIN = 2;
const ifnameLength = 16;
const nfprotoIpv4 = 2;
const nfprotoIpv6 = 10;

const metaKey = { iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const;
const ctKey = { state: 0, status: 2 } as const;
/** Register 1 is 16 bytes long and is the same memory as the 4-byte registers 8 to 11. */
const register = { first: 1, words: 8, second: 9, third: 10 } as const;
const base = { network: 1, transport: 2 } as const;

/** Bits of a connection's state and status. */
export const connection = { establishedOrRelated: 0x6, dnat: 0x20 } as const;

/** Offsets in the IPv4 header. */
export const ipv4Field = { source: 12, destination: 16 } as const;

/** One or more encoded expressions. */
export type Expression = Uint8Array;

function expression(name: string, ...attributes: readonly Uint8Array[]): Expression {
  return nested(NFTA_LIST_ELEM, attribute(NFTA_EXPR_NAME, zeroTerminated(name)), nested(NFTA_EXPR_DATA, ...attributes));
}

function number(type: number, value: number): Uint8Array {
  return attribute(type, bigEndian(value, 4));
}

function value(type: number, bytes: Uint8Array): Uint8Array {
  return nested(type, attribute(NFTA_DATA_VALUE, bytes));
}

function meta(key: keyof typeof metaKey, into: number): Expression {
  return expression("meta", number(1, into), number(2, metaKey[key]));
}

function compare(operation: "eq" | "neq", bytes: Uint8Array): Expression {
  return expression("cmp", number(1, register.first), number(2, operation === "eq" ? 0 : 1), value(3, bytes));
}

function payload(from: number, place: { readonly offset: number; readonly length: number }, into: number): Expression {
  return expression("payload", number(1, into), number(2, from), number(3, place.offset), number(4, place.length));
}

function mask(bytes: Uint8Array): Expression {
  const zero = new Uint8Array(bytes.length);
  return expression(
    "bitwise",
    number(1, register.first),
    number(2, register.first),
    number(3, bytes.length),
    value(4, bytes),
    value(5, zero),
  );
}

/** `iifname NAME`, `oifname != NAME`... */
export function interfaceName(side: "iifname" | "oifname", operation: "eq" | "neq", name: string): Expression {
  const bytes = new Uint8Array(ifnameLength);
  bytes.set(zeroTerminated(name).subarray(0, ifnameLength));
  return joinBytes([meta(side, register.first), compare(operation, bytes)]);
}

/** `meta nfproto ipv4` */
export function isIpv4(): Expression {
  return joinBytes([meta("nfproto", register.first), compare("eq", new Uint8Array([nfprotoIpv4]))]);
}

/** `meta nfproto ipv6` */
export function isIpv6(): Expression {
  return joinBytes([meta("nfproto", register.first), compare("eq", new Uint8Array([nfprotoIpv6]))]);
}

/** `ip saddr NETWORK`, behind `isIpv4`. */
export function inNetwork(
  field: keyof typeof ipv4Field,
  operation: "eq" | "neq",
  network: { readonly address: number; readonly mask: number },
): Expression {
  const load = payload(base.network, { offset: ipv4Field[field], length: 4 }, register.first);
  return joinBytes([load, mask(bigEndian(network.mask, 4)), compare(operation, bigEndian(network.address, 4))]);
}

/** `meta l4proto tcp th dport PORT` */
export function toTcpPort(port: number): Expression {
  return joinBytes([
    meta("l4proto", register.first),
    compare("eq", new Uint8Array([6])),
    payload(base.transport, { offset: 2, length: 2 }, register.first),
    compare("eq", bigEndian(port, 2)),
  ]);
}

/** `ct state ...` or `ct status ...`: true when one of the bits is set. */
export function connectionHas(key: keyof typeof ctKey, bits: number): Expression {
  const native = new Uint8Array(new Uint32Array([bits]).buffer);
  const load = expression("ct", number(1, register.first), number(2, ctKey[key]));
  return joinBytes([load, mask(native), compare("neq", new Uint8Array(4))]);
}

/** `fib daddr type local`: the packet is for this host. */
export function isForThisHost(): Expression {
  const addressType = 3;
  const destinationFlag = 2;
  const local = new Uint8Array(new Uint32Array([2]).buffer);
  return joinBytes([
    expression("fib", number(1, register.first), number(2, addressType), number(3, destinationFlag)),
    compare("eq", local),
  ]);
}

/** `dnat ip to [ip daddr .] meta l4proto . th dport map @NAME` */
export function dnatByMap(map: string, withAddress: boolean): Expression {
  const address = withAddress ? [payload(base.network, { offset: ipv4Field.destination, length: 4 }, register.first)] : [];
  const protocol = withAddress ? register.second : register.first;
  const port = withAddress ? register.third : register.second;
  return joinBytes([
    isIpv4(),
    ...address,
    meta("l4proto", protocol),
    payload(base.transport, { offset: 2, length: 2 }, port),
    expression("lookup", attribute(1, zeroTerminated(map)), number(2, register.first), number(3, register.first)),
    expression("nat", number(1, 1), number(2, nfprotoIpv4), number(3, register.first), number(5, register.second)),
  ]);
}

/** `[ip saddr .] iifname [. oifname] [!=] @NAME`, in that order as far as they are named. `ip saddr` behind `isIpv4`. */
export function isIn(set: string, parts: readonly ("source" | "iifname" | "oifname")[], inverted = false): Expression {
  const loads: Expression[] = [];
  // Registers of four bytes, from the one that register 1 begins with.
  let next: number = register.words;
  for (const part of parts) {
    loads.push(part === "source" ? payload(base.network, { offset: ipv4Field.source, length: 4 }, next) : meta(part, next));
    next += part === "source" ? 1 : ifnameLength / 4;
  }
  const flags = inverted ? [number(5, 1)] : [];
  return joinBytes([...loads, expression("lookup", attribute(1, zeroTerminated(set)), number(2, register.words), ...flags)]);
}

/** `meta nfproto ipv6 meta l4proto tcp redirect to :[ip6 daddr .] tcp dport map @NAME` */
export function redirectByMap(map: string, withAddress: boolean): Expression {
  const address = withAddress ? [payload(base.network, { offset: 24, length: 16 }, register.first)] : [];
  return joinBytes([
    isIpv6(),
    meta("l4proto", register.first),
    compare("eq", new Uint8Array([6])),
    ...address,
    // Behind 16 bytes of register 1, which are the 4-byte registers 8 to 11.
    payload(base.transport, { offset: 2, length: 2 }, withAddress ? 12 : register.first),
    expression("lookup", attribute(1, zeroTerminated(map)), number(2, register.first), number(3, register.first)),
    expression("redir", number(1, register.first)),
  ]);
}

/** `masquerade` */
export function masquerade(): Expression {
  return expression("masq");
}

/** `accept`, `drop`, or `jump CHAIN` */
export function verdict(code: "accept" | "drop" | { readonly jump: string }): Expression {
  const verdictCode = code === "accept" ? 1 : code === "drop" ? 0 : -3;
  const chain = typeof code === "string" ? [] : [attribute(NFTA_VERDICT_CHAIN, zeroTerminated(code.jump))];
  return expression("immediate", number(1, 0), nested(2, nested(NFTA_DATA_VERDICT, number(NFTA_VERDICT_CODE, verdictCode), ...chain)));
}
