// Names of things that are there, from the daemon or from the user's files.
import type { ContainerSummary } from "#client";
import { ContextStore, defaultContext } from "../context/store.ts";
import { directives, only, type Source } from "./suggestion.ts";

/** Containers in some states, or all; those that the line has already are left out. */
export function containers(...states: readonly string[]): Source {
  return async ({ client, taken, word }) => {
    const filters = states.length === 0 ? {} : { status: states };
    const found = await client().containers.list({ all: true, filters });
    const names = found.flatMap((container) => namesOf(container, word));
    return only(names.filter((name) => !taken.includes(name)).toSorted());
  };
}

export const running = containers("running");

/** Ids are offered only to those who begin to type one. */
function namesOf({ Names, Id }: ContainerSummary, word: string): string[] {
  const own = (Names ?? []).filter((name) => name.indexOf("/", 1) === -1).map((name) => name.slice(1));
  const id = Id.slice(0, 12);
  return word !== "" && id.startsWith(word) ? [...own, id] : own;
}

export const images: Source = async ({ client, taken }) => {
  const found = await client().images.list();
  const names = found.flatMap(({ RepoTags }) => RepoTags ?? []);
  return only(names.filter((name) => !taken.includes(name)).toSorted());
};

export const networks: Source = async ({ client, taken }) => {
  const found = await client().networks.list();
  return only(
    found
      .map(({ Name }) => Name)
      .filter((name) => !taken.includes(name))
      .toSorted(),
  );
};

export const volumes: Source = async ({ client, taken }) => {
  const found = await client().volumes.list();
  return only(found.map(({ Name }) => Name).filter((name) => !taken.includes(name)));
};

/** Repositories without their tags, for `images`. */
export const repositories: Source = async (situation) => {
  const { values } = await images({ ...situation, taken: [] });
  return only([...new Set(values.flatMap(({ value }) => [value, value.slice(0, value.lastIndexOf(":"))]))].toSorted());
};

export const contexts: Source = ({ config, context, taken }) => {
  const stored = new ContextStore(config.folder)
    .list()
    .map(({ Name, Metadata }) => ({ value: Name, description: Metadata.Description ?? "" }));
  const all = [...stored, { value: defaultContext, description: "" }].filter(({ value }) => !taken.includes(value));
  return only(all.map(({ value, description }) => ({ value, description: value === context ? "current" : description })));
};

export const environmentNames: Source = () => only(Object.keys(process.env).toSorted(), directives.noSpace | directives.noFiles);

/** One source after the other; a word beyond the last has none. */
export function inOrder(...sources: readonly Source[]): Source {
  return (situation) => sources[situation.taken.length]?.(situation) ?? only([]);
}

/** All that two sources give. */
export function either(...sources: readonly Source[]): Source {
  return async (situation) => {
    const all = await Promise.all(sources.map(async (source) => (await source(situation)).values));
    return only(all.flat());
  };
}
