// Flows that the kernel follows (linux/netfilter/nfnetlink_conntrack.h). Address translation is decided by a flow's first packet, so a
// flow of UDP that began before a port was published, or goes on after its container went, keeps going to the wrong place.
import { hasCode } from "./kernel-error.ts";
import { attribute, bigEndian, joinBytes, nested, type NetlinkMessage, NetlinkSocket, readAttributes, u32 } from "./netlink.ts";

const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
const AF_INET = 2;
const IPPROTO_UDP = 17;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_FILTER = 25;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
/** Parts of a tuple that a filter compares. */
const part = { source: 1 << 0, protocol: 1 << 3, destinationPort: 1 << 5 } as const;

/** Which flows of UDP over IPv4: to a port, in the direction of their first packet, or answered from an address. */
export type UdpFlows = { readonly toPort: number } | { readonly answeredFrom: number };

/** A flow by the tuple of its first packet and its id, as the kernel wants them back for a deletion. */
interface Flow {
  readonly key: Uint8Array;
  readonly source: number;
  readonly port: number;
  readonly answerSource: number;
  readonly answerDestination: number;
}

/**
 * Makes the kernel forget flows of UDP, so that their next packet is decided anew; how many. Flows that leave the host under its own
 * address (masqueraded) stay. A kernel that does not tell its flows has none to forget.
 */
function forgetUdpFlows(fd: number, which: UdpFlows): number {
  const socket = new NetlinkSocket(fd);
  const flows = listFlows(socket, which).filter((flow) =>
    "toPort" in which ? flow.port === which.toPort && flow.answerDestination === flow.source : flow.answerSource === which.answeredFrom,
  );
  for (const flow of flows) {
    try {
      socket.request([message(IPCTNL_MSG_CT_DELETE, flow.key)]);
    } catch (error) {
      // It ended meanwhile.
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  return flows.length;
}

export const conntrackCalls = { forgetUdpFlows };

function message(type: number, attributes: Uint8Array): NetlinkMessage {
  const body = joinBytes([new Uint8Array([AF_INET, 0, 0, 0]), attributes]);
  return { type: (NFNL_SUBSYS_CTNETLINK << 8) | type, flags: 0, body, subject: "flows" };
}

function listFlows(socket: NetlinkSocket, which: UdpFlows): readonly Flow[] {
  try {
    return socket.dump(message(IPCTNL_MSG_CT_GET, filterOf(which))).map(({ body }) => readFlow(body));
  } catch (error) {
    if (hasCode(error, "EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT")) return [];
    throw error;
  }
}

/** The kernel compares what it can (5.8 and later), so that a large table does not cross the border. */
function filterOf(which: UdpFlows): Uint8Array {
  const protocol = attribute(1, new Uint8Array([IPPROTO_UDP]));
  if ("toPort" in which) {
    const tuple = nested(CTA_TUPLE_ORIG, nested(CTA_TUPLE_PROTO, protocol, attribute(3, bigEndian(which.toPort, 2))));
    return joinBytes([tuple, nested(CTA_FILTER, attribute(1, u32(part.protocol | part.destinationPort)))]);
  }
  const source = nested(CTA_TUPLE_IP, attribute(1, bigEndian(which.answeredFrom, 4)));
  const tuple = nested(CTA_TUPLE_REPLY, source, nested(CTA_TUPLE_PROTO, protocol));
  return joinBytes([tuple, nested(CTA_FILTER, attribute(2, u32(part.source | part.protocol)))]);
}

function readFlow(body: Uint8Array): Flow {
  const attributes = readAttributes(body.subarray(4));
  const tuple = attributes.get(CTA_TUPLE_ORIG) ?? new Uint8Array();
  const id = attributes.get(CTA_ID) ?? new Uint8Array();
  const original = readAttributes(tuple);
  const addresses = readAttributes(original.get(CTA_TUPLE_IP) ?? new Uint8Array());
  const protocol = readAttributes(original.get(CTA_TUPLE_PROTO) ?? new Uint8Array());
  const answer = readAttributes(readAttributes(attributes.get(CTA_TUPLE_REPLY) ?? new Uint8Array()).get(CTA_TUPLE_IP) ?? new Uint8Array());
  return {
    key: joinBytes([nested(CTA_TUPLE_ORIG, tuple), attribute(CTA_ID, id)]),
    source: numberOf(addresses.get(1)),
    port: numberOf(protocol.get(3)),
    answerSource: numberOf(answer.get(1)),
    answerDestination: numberOf(answer.get(2)),
  };
}

/** A number as the network writes it, in two or four bytes; -1 where there is none. */
function numberOf(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? -1 : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
