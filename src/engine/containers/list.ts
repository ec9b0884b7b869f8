import { type Container, isLive } from "#container";
import type { ContainerFilters, ContainerView, ListQuery } from "../verbs.ts";
import { logPathOf, type ContainerNeeds } from "./needs.ts";

type ViewNeeds = Pick<ContainerNeeds, "sandboxes" | "fabric" | "rootfs"> & {
  execIds(containerId: string): readonly string[];
  readonly layerDriver: string;
};

/** The container with what belongs to it elsewhere. */
export function viewContainer(needs: ViewNeeds, container: Container): ContainerView {
  const endpoint = needs.sandboxes.endpoint(container.sandboxId);
  return {
    container,
    ...(endpoint !== undefined && { endpoint }),
    ...(needs.fabric.bridge !== undefined && { bridge: needs.fabric.bridge }),
    logPath: logPathOf(needs, container.id),
    folder: needs.rootfs.folder(container.id),
    execIds: needs.execIds(container.id),
    layerDriver: needs.layerDriver,
  };
}

/** Newest first; without `all`, `limit` or a status filter only what runs, as Docker does. */
export function listContainers(needs: ViewNeeds & Pick<ContainerNeeds, "roster">, query: ListQuery): readonly ContainerView[] {
  const everything = query.all || query.limit !== undefined || query.filters.status !== undefined;
  const found: ContainerView[] = [];
  for (const container of needs.roster.all()) {
    if (query.limit !== undefined && found.length >= query.limit) break;
    if (!everything && !isLive(container.state)) continue;
    if (matches(container, query.filters)) found.push(viewContainer(needs, container));
  }
  return found;
}

function matches(container: Container, filters: ContainerFilters): boolean {
  const { id, name, label, status } = filters;
  if (id !== undefined && !id.some((prefix) => container.id.startsWith(prefix))) return false;
  if (name !== undefined && !name.some((pattern) => matchesName(container.name, pattern))) return false;
  if (status !== undefined && !status.includes(statusWord(container))) return false;
  return label === undefined || label.every((condition) => matchesLabel(container.spec.labels, condition));
}

/** Docker matches names as a regular expression, with and without the leading slash. */
function matchesName(name: string, pattern: string): boolean {
  try {
    const expression = new RegExp(pattern);
    return expression.test(name) || expression.test(`/${name}`);
  } catch {
    return name.includes(pattern);
  }
}

function matchesLabel(labels: Readonly<Record<string, string>>, condition: string): boolean {
  const equals = condition.indexOf("=");
  const key = equals === -1 ? condition : condition.slice(0, equals);
  if (!Object.hasOwn(labels, key)) return false;
  return equals === -1 || labels[key] === condition.slice(equals + 1);
}

/** Docker's word for the state; a start under way still reads "created". */
function statusWord(container: Container): string {
  return container.state.status === "starting" ? "created" : container.state.status;
}
