// Containers that come to a network and leave it, whether they run or not.
import { fault, isFault } from "#base";
import { type Container, endpointSpecsOf, type EndpointSpec, isUp } from "#container";
import { attachmentsOf, type Endpoint, type Network } from "#network";
import type { Roster } from "../containers/roster.ts";
import type { Sandboxes } from "../containers/sandboxes.ts";
import { announceNetwork } from "./announce-network.ts";
import { attachmentOf, listed, reasonsAgainst } from "./attachments.ts";
import type { CreateNeeds } from "./create.ts";

export type ConnectNeeds = Pick<CreateNeeds, "networks" | "fabric" | "announcer"> & {
  readonly roster: Roster;
  readonly sandboxes: Sandboxes;
};

/** Puts a container into a network. @throws denied, not-found in Docker's words */
export async function connectContainer(
  needs: ConnectNeeds,
  {
    reference,
    container: name,
    asked,
  }: { readonly reference: string; readonly container: string; readonly asked: Omit<EndpointSpec, "network"> },
): Promise<void> {
  const { id } = findContainer(needs, name);
  await needs.roster.locked(id, async () => {
    const container = needs.roster.find(id);
    const network = needs.networks.find(reference);
    refuseModes(container, network);
    const spec: EndpointSpec = { ...asked, network: network.name, networkId: network.id };
    const reasons = reasonsAgainst(network, spec);
    if (reasons.length > 0) throw fault("invalid", `invalid endpoint settings:\n${listed(reasons)}`);
    if (!isUp(container.state)) return await writeDown(needs, container, [...others(container, network), spec]);
    const endpoint = endpointOf(needs, container);
    if (placeIn(endpoint, network) !== undefined)
      throw fault("denied", `endpoint with name ${container.name} already exists in network ${network.name}`);
    const after = await needs.fabric.connect(endpoint, attachmentOf(network, spec));
    await writeDown(needs, container, [...others(container, network), spec], after);
    announceNetwork(needs.announcer, network, "connect", id);
  });
}

/** Takes a container out of a network. @throws denied, not-found in Docker's words */
export async function disconnectContainer(
  needs: ConnectNeeds,
  { reference, container: name, force }: { readonly reference: string; readonly container: string; readonly force: boolean },
): Promise<void> {
  const { id } = findContainer(needs, name, force);
  await needs.roster.locked(id, async () => {
    const container = needs.roster.find(id);
    const network = needs.networks.find(reference);
    if (container.spec.host.network === "host" && network.name === "host")
      throw fault("denied", "container cannot be disconnected from host network or connected to host network");
    const running = isUp(container.state);
    if (!endpointSpecsOf(container.spec.host).some((spec) => isFor(spec, network)))
      throw fault("denied", `container ${id} is not connected to ${running ? "" : "the "}network ${network.name}`);
    const endpoint = running ? endpointOf(needs, container) : undefined;
    const place = endpoint && placeIn(endpoint, network);
    const after = endpoint && place !== undefined ? await needs.fabric.disconnect(endpoint, place) : undefined;
    await writeDown(needs, container, others(container, network), after);
    if (running) announceNetwork(needs.announcer, network, "disconnect", id);
  });
}

function findContainer({ roster }: ConnectNeeds, name: string, force = false): Container {
  if (name === "") throw fault("invalid", 'invalid name or ID supplied: ""');
  try {
    return roster.find(name);
  } catch (error) {
    if (force && isFault(error, "not-found")) throw fault("not-found", `endpoint ${name} not found`, { cause: error });
    throw error;
  }
}

function refuseModes({ spec: { host } }: Container, network: Network): void {
  if (network.name === "host")
    throw fault("denied", "cannot connect container to host network - container must be created in host network mode");
  if (network.name === "none" || host.network === "none")
    throw fault("denied", "container cannot be connected to multiple networks with one of the networks in private (none) mode");
  if (host.network === "container" || host.network === "host")
    throw fault("denied", "container sharing network namespace with another container or host cannot be connected to any other network");
  if (network.configOnly === true) throw fault("denied", "cannot create endpoint on configuration-only network");
}

function endpointOf({ sandboxes }: ConnectNeeds, { sandboxId, name }: Container): Endpoint {
  const endpoint = sandboxes.endpoint(sandboxId);
  if (endpoint === undefined) throw fault("conflict", `container ${name} has no network`);
  return endpoint;
}

/** The endpoint's id. */
function placeIn(endpoint: Endpoint, network: Network): string | undefined {
  const networkId = network.name === "bridge" ? undefined : network.id;
  return attachmentsOf(endpoint).find((each) => each.networkId === networkId)?.endpointId;
}

function others(container: Container, network: Network): readonly EndpointSpec[] {
  return endpointSpecsOf(container.spec.host).filter((spec) => !isFor(spec, network));
}

function isFor(spec: EndpointSpec, { id, name }: Network): boolean {
  return spec.networkId === id || spec.network === name || spec.network === id;
}

/** The sandbox as it has become, if it has, and what the container asks for: both rows go with one commit, or a crash could come between them. */
async function writeDown(
  { roster, sandboxes }: ConnectNeeds,
  { id, spec }: Container,
  endpoints: readonly EndpointSpec[],
  after?: Endpoint,
): Promise<void> {
  const sandbox = after && sandboxes.add(id, after);
  await Promise.all([sandbox, roster.update(id, { spec: { ...spec, host: { ...spec.host, endpoints } } }, "durable")]);
}
