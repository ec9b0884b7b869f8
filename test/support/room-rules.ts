// The arrows between rooms as a table, and the rules that go with them.
import { blankComments, importsOf, roomOf, targetRoom, type Import, type SourceTree } from "./import-graph.ts";

/** Who may import whom; a name that ends in "/" stands for every room below it. A room may always import itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  "model/build": ["base", "model/image"],
  "model/dockerfile": ["base", "model/image", "model/build"],
  "model/llb": ["base", "model/image", "model/build"],
  "model/compose": ["base", "model/"],
  "model/cluster": ["base", "model/"],
  "model/": ["base", "model/image"],
  engine: ["base", "model/"],
  "adapters/linux": ["base"],
  "adapters/workers": ["base", "model/", "adapters/"],
  "adapters/": ["base", "model/", "adapters/linux"],
  wire: ["base"],
  api: ["base", "model/", "engine", "wire"],
  client: ["base", "wire"],
  cli: ["base", "model/", "wire", "client"],
  library: ["base", "wire", "client"],
  web: ["client", "wire"],
};

interface Restricted {
  readonly pattern: RegExp;
  readonly rooms: readonly string[];
  readonly rule: string;
}

/** Doors to the machine that only some rooms may open. */
const restricted: readonly Restricted[] = [
  { pattern: /["']bun:ffi["']/, rooms: ["adapters/linux"], rule: "system calls live in adapters/linux" },
  {
    pattern: /["']node:fs(\/promises)?["']|\bBun\.(file|write)\(/,
    rooms: ["adapters/", "cli", "client", "library", "root"],
    rule: "files are touched by adapters and by the command line",
  },
  {
    pattern: /["']node:child_process["']|\bBun\.spawn(Sync)?\(/,
    rooms: ["adapters/runtime", "adapters/linux", "client", "cli"],
    rule: "programs are started by adapters/runtime, by the client (ssh) and by the command line",
  },
  {
    pattern: /["'](node|bun):|\bBun\.|(?<![.\w])process\.(env|exit|argv|cwd|pid|std(in|out|err)|on)\b/,
    rooms: allBut("base", "model/"),
    rule: "base and model know no host",
  },
];

function allBut(...closed: readonly string[]): readonly string[] {
  return [...Object.keys(arrows), "root"].filter((room) => !closed.some((name) => covers(name, room)));
}

function covers(name: string, room: string): boolean {
  return name.endsWith("/") ? room.startsWith(name) : room === name;
}

/** Each violation as `file:line: sentence`, in order of files. */
export function findViolations(tree: SourceTree, rooms: Readonly<Record<string, string>>): string[] {
  const violations: string[] = [];
  const edges = new Map<string, Map<string, Import>>();
  for (const [file, source] of tree) {
    violations.push(...restrictedUses(file, source), ...wholesaleExports(file, source));
    for (const found of importsOf(file, source)) {
      const broken = brokenRule(found, rooms);
      if (broken !== undefined) violations.push(`${found.file}:${found.line}: ${broken}`);
      const target = targetRoom(file, found.specifier, rooms);
      if (target === "outside" || target === roomOf(file)) continue;
      const known = edges.get(roomOf(file)) ?? new Map<string, Import>();
      edges.set(roomOf(file), known.set(target, known.get(target) ?? found));
    }
  }
  return [...violations, ...cycles(edges)];
}

function brokenRule({ file, specifier }: Import, rooms: Readonly<Record<string, string>>): string | undefined {
  const from = roomOf(file);
  const to = targetRoom(file, specifier, rooms);
  if (specifier.startsWith("#") && rooms[specifier] === undefined) return `no room is called ${specifier}`;
  if (specifier.startsWith(".") && !/\.(ts|json|service|socket)$/.test(specifier)) return `${specifier} lacks its ending`;
  if (to === "outside" || to === from) return to === from && specifier.startsWith("#") ? `inside ${from}, by relative path` : undefined;
  if (to === "adapters/workers") return "nothing imports a worker";
  if (!specifier.startsWith("#")) return `${to} is another room: by name, not ${specifier}`;
  return from === "root" || mayImport(from, to) ? undefined : `${from} may not import ${to}`;
}

function mayImport(from: string, to: string): boolean {
  const allowed = arrows[from] ?? arrows[`${from.split("/")[0]}/`] ?? [];
  return allowed.some((name) => covers(name, to));
}

function restrictedUses(file: string, source: string): string[] {
  const room = roomOf(file);
  return blankComments(source)
    .split("\n")
    .flatMap((text, at) =>
      restricted
        .filter(({ pattern, rooms }) => pattern.test(text) && !rooms.some((name) => covers(name, room)))
        .map(({ rule }) => `${file}:${at + 1}: ${rule}`),
    );
}

function wholesaleExports(file: string, source: string): string[] {
  return blankComments(source)
    .split("\n")
    .flatMap((text, at) => (/^\s*export\s+\*/.test(text) ? [`${file}:${at + 1}: a room's index is an explicit list of names`] : []));
}

function cycles(edges: ReadonlyMap<string, ReadonlyMap<string, Import>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (room: string, path: readonly string[]): void => {
    const at = path.indexOf(room);
    if (at >= 0) {
      const last = path.at(-1) ?? room;
      const closing = edges.get(last)?.get(room);
      found.push(`${closing?.file}:${closing?.line}: rooms form a cycle: ${[...path.slice(at), room].join(" -> ")}`);
      return;
    }
    if (done.has(room)) return;
    for (const next of edges.get(room)?.keys() ?? []) visit(next, [...path, room]);
    done.add(room);
  };
  for (const room of edges.keys()) visit(room, []);
  return found;
}
