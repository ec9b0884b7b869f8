// A list's filters, compiled once for a request: what they name is looked up before the first container is tried, and a container is
// tried against the cheap ones first.
import { EngineError, matchesLabel } from "#base";
import { type Container, exposedPortsOf, networkNameOf, shownStatus } from "#container";
import type { Endpoint } from "#network";
import { compilePattern } from "../name-pattern.ts";
import type { Networks } from "../networks/networks.ts";
import { placesOf } from "../networks/places.ts";
import type { ContainerFilters, PortRange } from "../verbs.ts";
import type { ContainerNeeds } from "./needs.ts";

export type FilterNeeds = Pick<ContainerNeeds, "roster" | "sandboxes" | "resolveImage"> & {
  readonly networks: Pick<Networks, "idOf" | "standing">;
};
type Predicate = (container: Container) => boolean;

/** Whether a container passes every filter. @throws not-found when `before` or `since` name no container */
export function compileFilters(needs: FilterNeeds, filters: ContainerFilters): Predicate {
  const predicates = [
    ...compileIdentity(needs, filters),
    ...compileState(filters),
    ...compileOrder(needs, filters),
    ...compilePlaces(needs, filters),
    ...compileAncestors(needs, filters),
  ];
  const [only] = predicates;
  if (only === undefined) return () => true;
  return predicates.length === 1 ? only : (container) => predicates.every((passes) => passes(container));
}

function compileIdentity({ roster }: FilterNeeds, { id, name, label }: ContainerFilters): readonly Predicate[] {
  const predicates: Predicate[] = [];
  if (id !== undefined) {
    // A prefix that fits several names none of them, as in Docker.
    const meant = new Set(id.map((prefix) => roster.byPrefix(prefix)));
    predicates.push((container) => meant.has(container.id));
  }
  if (name !== undefined) {
    const expressions = name.map(compileName);
    predicates.push((container) => expressions.some((fits) => fits(container.name)));
  }
  if (label !== undefined) predicates.push(({ spec }) => label.every((condition) => matchesLabel(spec.labels, condition)));
  return predicates;
}

function compileState({ status, exited, health, isTask }: ContainerFilters): readonly Predicate[] {
  const predicates: Predicate[] = [];
  if (status !== undefined) predicates.push((container) => status.includes(shownStatus(container.state)));
  if (exited !== undefined) predicates.push(({ state }) => state.status === "exited" && exited.includes(state.exit.code));
  if (health !== undefined) predicates.push((container) => health.includes(container.health?.status ?? "none"));
  // None is a task of a swarm.
  if (isTask === true) predicates.push(() => false);
  return predicates;
}

function compileOrder({ roster }: FilterNeeds, { before, since }: ContainerFilters): readonly Predicate[] {
  return [
    ...(before ?? []).map((name): Predicate => {
      const { created } = roster.find(name);
      return (container) => container.created < created;
    }),
    ...(since ?? []).map((name): Predicate => {
      const { created } = roster.find(name);
      return (container) => container.created > created;
    }),
  ];
}

function compilePlaces({ sandboxes, networks }: FilterNeeds, { network, volume, publish, expose }: ContainerFilters): readonly Predicate[] {
  const predicates: Predicate[] = [];
  if (network !== undefined) {
    predicates.push((container) => {
      const { places } = placesOf({ sandboxes, networks }, container);
      const usual = { name: networkNameOf(container.spec.host), id: networks.idOf(container) ?? "" };
      const joined = places?.map(({ spec, networkId }) => ({ name: spec.network, id: networkId })) ?? [usual];
      return network.some((wanted) => joined.some(({ name, id }) => wanted === name || id.startsWith(wanted)));
    });
  }
  if (volume !== undefined)
    predicates.push(({ spec }) => {
      const { binds, volumes = [] } = spec.host;
      return (
        binds.some(({ source, target }) => volume.includes(target) || volume.includes(source)) ||
        volumes.some(({ name, target }) => volume.includes(target) || volume.includes(name))
      );
    });
  const endpointOf = (container: Container): Endpoint | undefined => sandboxes.endpoint(container.sandboxId);
  if (publish !== undefined)
    predicates.push((container) =>
      (endpointOf(container)?.ports ?? []).some(({ hostPort, protocol }) => publish.some((range) => isWithin(range, hostPort, protocol))),
    );
  if (expose !== undefined) predicates.push((container) => exposes(container, endpointOf(container), expose));
  return predicates;
}

/** An image that is not here has no containers; one that is has those of the images built on it too. */
function compileAncestors({ resolveImage }: FilterNeeds, { ancestor }: ContainerFilters): readonly Predicate[] {
  if (ancestor === undefined) return [];
  const found = ancestor.flatMap((reference) => {
    try {
      return [resolveImage(reference)];
    } catch (error) {
      if (error instanceof EngineError) return [];
      throw error;
    }
  });
  return [({ image }) => found.some((base) => image.id === base.id || isBuiltOn(image.layers, base.layers))];
}

function isBuiltOn(layers: readonly string[], base: readonly string[]): boolean {
  return base.length > 0 && layers.length > base.length && base.every((layer, index) => layer === layers[index]);
}

function exposes(container: Container, endpoint: Endpoint | undefined, wanted: readonly PortRange[]): boolean {
  if (endpoint === undefined) return false;
  const open = exposedPortsOf(container).map((text) => {
    const [port = "", protocol = "tcp"] = text.split("/");
    return { port: Number(port), protocol };
  });
  const published = endpoint.ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol }));
  return [...open, ...published].some(({ port, protocol }) => wanted.some((range) => isWithin(range, port, protocol)));
}

function isWithin(range: PortRange, port: number, protocol: string): boolean {
  return port >= range.first && port <= range.last && protocol === range.protocol;
}

/** With and without the leading slash. */
function compileName(pattern: string): (name: string) => boolean {
  const fits = compilePattern(pattern);
  return (name) => fits(name) || fits(`/${name}`);
}
