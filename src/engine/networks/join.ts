// What a start asks of networks that somebody made: each is looked for anew, and its id is kept from then on.
import type { Announcer } from "#event";
import { type Container, endpointSpecsOf } from "#container";
import type { AttachmentRequest, Network } from "#network";
import type { Roster } from "../containers/roster.ts";
import { announceNetwork } from "./announce-network.ts";
import { attachmentOf } from "./attachments.ts";
import type { Networks } from "./networks.ts";

interface Needs {
  readonly roster: Pick<Roster, "get" | "replace">;
  readonly networks: Networks;
}

/** What the fabric is asked for, in the order of interfaces; the container's row follows with its next change. @throws not-found "network x not found" */
export function joinNetworks({ roster, networks }: Needs, container: Container): readonly AttachmentRequest[] {
  const { spec } = container;
  const joined = endpointSpecsOf(spec.host).map((each) => {
    const network = networks.find(each.network);
    return { attachment: attachmentOf(network, each), spec: { ...each, network: network.name, networkId: network.id } };
  });
  const host = { ...spec.host, endpoints: joined.map((each) => each.spec) };
  roster.replace({ ...(roster.get(container.id) ?? container), spec: { ...spec, host } });
  return joined.map(({ attachment }) => attachment);
}

/** Tells who came to the networks that somebody made, or left them. */
export function announceJoined(
  { networks, announcer }: { readonly networks: Networks; readonly announcer: Announcer },
  { id, spec: { host } }: Container,
  action: "connect" | "disconnect",
): void {
  if (host.endpoints === undefined) return;
  for (const { network: name, networkId } of host.endpoints) {
    const found: Network | undefined = networks.all().find((network) => network.id === networkId || network.name === name);
    if (found !== undefined) announceNetwork(announcer, found, action, id);
  }
}
