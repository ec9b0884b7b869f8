// Reads the imports of a source tree, type imports too, and holds them against the rules between rooms.

export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

/** Source text by path, `src/...`. */
export type SourceTree = ReadonlyMap<string, string>;

const importForms = /(?:^|[\s;}])(?:import|export)\s(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']/g;

/** Every import and re-export of one file, in order of lines. */
export function importsOf(file: string, source: string): Import[] {
  const code = blankComments(source);
  return [...code.matchAll(importForms)].map((match) => ({
    file,
    line: code.slice(0, match.index + match[0].length).split("\n").length,
    specifier: match[1] ?? match[2] ?? "",
  }));
}

/** Comments become spaces, so that lines and columns stay where they were. */
export function blankComments(source: string): string {
  const tokens = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(tokens, (token) => (/^\/[/*]/.test(token) ? token.replace(/[^\n]/g, " ") : token));
}

/** The room a file lives in: "base", "model/image", "adapters/linux", "api"; "root" for main.ts, daemon.ts and daemon/. */
export function roomOf(file: string): string {
  const [, first = "", second = ""] = file.split("/");
  if (second === "" || first === "daemon") return "root";
  return first === "model" || first === "adapters" ? `${first}/${second}` : first;
}

/** Where a specifier leads: a room, "outside" for packages and the platform. */
export function targetRoom(from: string, specifier: string, rooms: Readonly<Record<string, string>>): string {
  if (specifier.startsWith("#")) return roomOf(normalize((rooms[specifier] ?? "").replace(/^\.\//, "")));
  if (!specifier.startsWith(".")) return "outside";
  const path = normalize(`${from.slice(0, from.lastIndexOf("/"))}/${specifier}`);
  return path.startsWith("src/") ? roomOf(path) : "outside";
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
