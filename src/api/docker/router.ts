import { absentRoutes, experimentalRoutes, parseApiVersion, routes, swarmRoutes, type ApiVersion, type RouteName } from "#wire";

/** What a request asks for. */
export type Target =
  | { readonly kind: "route"; readonly name: RouteName; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "absent"; readonly route: string }
  | { readonly kind: "experimental"; readonly route: string }
  | { readonly kind: "swarm"; readonly route: string }
  | { readonly kind: "options" };

export type Resolution =
  | { readonly kind: "found"; readonly target: Target; readonly version: ApiVersion | undefined }
  | { readonly kind: "moved"; readonly location: string }
  | { readonly kind: "unknown" };

interface Pattern {
  readonly method: string;
  readonly grammar: RegExp;
  /** Characters that are not names: the more of them, the more a path says. */
  readonly literal: number;
  readonly names: readonly string[];
  readonly target: (params: Readonly<Record<string, string>>) => Target;
}

const patterns: readonly Pattern[] = [
  ...Object.entries(routes).map(([name, route]) =>
    pattern(route.method, route.path, (params) => ({ kind: "route", name: name as RouteName, params })),
  ),
  ...absentRoutes.map(([method, path]) => pattern(method, path, () => ({ kind: "absent", route: `${method} ${path}` }))),
  ...experimentalRoutes.map(([method, path]) => pattern(method, path, () => ({ kind: "experimental", route: `${method} ${path}` }))),
  ...swarmRoutes.map(([method, path]) => pattern(method, path, () => ({ kind: "swarm", route: `${method} ${path}` }))),
].sort((left, right) => right.literal - left.literal);

/** Finds what `path` (decoded, without query) asks for. Paths that say more come before those that say less. */
export function resolve(method: string, path: string): Resolution {
  const clean = cleanPath(path);
  if (clean !== path) return { kind: "moved", location: clean };
  const prefixed = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  const version = prefixed?.[1] === undefined ? undefined : parseApiVersion(prefixed[1]);
  const bare = prefixed?.[2] ?? path;
  if (method === "OPTIONS") return { kind: "found", target: { kind: "options" }, version };
  for (const candidate of patterns) {
    if (candidate.method !== method) continue;
    const match = candidate.grammar.exec(bare);
    if (match === null) continue;
    const params = Object.fromEntries(candidate.names.map((name, index) => [name, match[index + 1] ?? ""]));
    return { kind: "found", target: candidate.target(params), version };
  }
  return { kind: "unknown" };
}

function pattern(method: string, path: string, target: Pattern["target"]): Pattern {
  const names: string[] = [];
  const grammar = path.replaceAll(/\{(\w+)\}|[.]/g, (found, name: string | undefined) => {
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return "(.+)";
  });
  return { method, grammar: new RegExp(`^${grammar}$`, "s"), literal: path.replaceAll(/\{\w+\}/g, "").length, names, target };
}

/** Without empty, "." and ".." parts (as Go's path.Clean, a slash at the end stays). */
function cleanPath(path: string): string {
  if (!/\/(?:\/|\.{1,2}(?:\/|$))/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}${path.endsWith("/") && parts.length > 0 ? "/" : ""}`;
}
