import { formatFamiliar } from "#image";
import type { Verbs } from "../verbs.ts";

/** What is known of a verb before it runs. */
export interface Rule<Args extends readonly unknown[] = readonly unknown[]> {
  /** True when a call changes something: those are written into the audit log. */
  readonly mutates: boolean;
  /** What a call is about, in a word. Never a secret: it goes into the log. */
  readonly subject: (...args: Args) => string;
}

type RulesOf<Group> = {
  readonly [Verb in keyof Group]: Group[Verb] extends (...args: infer Args) => unknown ? Rule<Args> : never;
};

/** One rule for every verb there is: a verb without one does not compile, and could not be called. */
type Rules = { readonly [Group in keyof Verbs]: RulesOf<Verbs[Group]> };

type FirstIsName = readonly [name: string, ...rest: readonly unknown[]];

const nameOf = (...args: FirstIsName): string => args[0];
const everything = (): string => "";

/** A verb that only looks. */
const reads = { mutates: false, subject: nameOf };
/** A verb that changes what its first argument names. */
const changes = { mutates: true, subject: nameOf };

export const rules: Rules = {
  containers: {
    create: { mutates: true, subject: ({ name, spec }) => name ?? spec.image },
    get: reads,
    list: { mutates: false, subject: everything },
    sizes: { mutates: false, subject: everything },
    start: changes,
    stop: changes,
    restart: changes,
    kill: changes,
    pause: changes,
    unpause: changes,
    top: reads,
    usage: reads,
    readings: reads,
    wait: reads,
    rename: changes,
    update: changes,
    remove: changes,
    prune: { mutates: true, subject: everything },
    logs: reads,
    commit: changes,
    // What is attached can be typed into.
    attach: changes,
    resize: changes,
    lookAt: reads,
    read: reads,
    write: changes,
    export: reads,
    changes: reads,
  },
  exec: { create: changes, start: changes, get: reads, resize: changes },
  images: {
    list: { mutates: false, subject: everything },
    get: reads,
    entries: reads,
    history: reads,
    tag: changes,
    remove: changes,
    prune: { mutates: true, subject: everything },
    storedBytes: { mutates: false, subject: everything },
    load: { mutates: true, subject: everything },
    importFrom: { mutates: true, subject: (_url, { name }) => (name === undefined ? "" : formatFamiliar(name)) },
    import: { mutates: true, subject: (_tree, { name }) => (name === undefined ? "" : formatFamiliar(name)) },
    save: { mutates: false, subject: (names) => names.join(" ") },
    distribution: reads,
    publishIndex: changes,
    search: reads,
    pull: changes,
    push: { mutates: false, subject: nameOf },
  },
  networks: {
    list: { mutates: false, subject: everything },
    get: reads,
    create: { mutates: true, subject: ({ name }) => name },
    remove: changes,
    connect: { mutates: true, subject: (network, container) => `${network} ${container}` },
    disconnect: { mutates: true, subject: (network, container) => `${network} ${container}` },
    prune: { mutates: true, subject: everything },
  },
  volumes: {
    create: { mutates: true, subject: ({ name }) => name },
    get: reads,
    list: { mutates: false, subject: everything },
    usage: { mutates: false, subject: everything },
    rename: changes,
    clone: { mutates: true, subject: (_name, to) => to },
    export: reads,
    import: changes,
    remove: changes,
    prune: { mutates: true, subject: everything },
  },
  system: {
    info: { mutates: false, subject: everything },
    check: { mutates: true, subject: ({ heal }) => (heal ? "repair" : "") },
    // Never the name, and still less the password.
    login: { mutates: false, subject: ({ serverAddress }) => serverAddress },
    diskUsage: { mutates: false, subject: everything },
    events: { mutates: false, subject: everything },
  },
};
