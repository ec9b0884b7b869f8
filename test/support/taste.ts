// House rules that no linter knows, as functions over text, so that each can be shown a fault.

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const bannedWords: Readonly<Record<string, string>> = {
  util: "the thing or the verb in it",
  utils: "the thing or the verb in it",
  helper: "the thing or the verb in it",
  helpers: "the thing or the verb in it",
  common: "the concept that its users share",
  misc: "a file for each thing",
  manager: "what it holds or does (store, pool, hub)",
};

/** Words of a name, whichever way they are joined: `fooHelper`, `foo-helper`, `FooHelper`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** Names of files, folders and classes that say nothing. */
export function emptyNames({ path, text }: TextFile): string[] {
  const classes = [...text.matchAll(/^(?:export )?(?:abstract )?(?:class|interface) (\w+)/gm)].map((match) => match[1] ?? "");
  return [path, ...classes].flatMap((name) =>
    wordsOf(name)
      .filter((word) => Object.hasOwn(bannedWords, word))
      .map((word) => `${path}: "${word}" in ${name}: name ${bannedWords[word]}`),
  );
}

interface Marker {
  readonly pattern: RegExp;
  readonly rule: string;
  readonly only?: RegExp;
}

const markers: readonly Marker[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, rule: "left-over marker" },
  { pattern: /^(<{7}|>{7}|={7})( |$)/, rule: "left-over of a merge" },
  { pattern: /\/\/\s*[-=*#]{4,}|\/\*{3,}/, rule: "banner" },
  { pattern: /\b(describe|test|it)\.(only|todo|failing)\b/, rule: "a test that runs alone, later or wrong", only: /\.test\.ts$/ },
  { pattern: /@ts-(ignore|nocheck|expect-error)|oxlint-disable|eslint-disable/, rule: "a checker that was silenced" },
  { pattern: /(^|[\s"'`(=])\/work\/|(^|[\s"'`(=])\/root\/\.|(^|[\s"'`(=])\/home\/\w/, rule: "a path of one machine" },
  { pattern: /\b(?:[\w-]+\.)+(?:internal|corp|lan)\b(?!\.)(?!["'`]?\))/, rule: "a host of one network" },
  { pattern: /\b(claude|anthropic|chatgpt|openai|copilot)\b/i, rule: "who or what wrote it" },
];

/** Lines that must not stay, as `path:line: rule`. */
export function leftovers({ path, text }: TextFile): string[] {
  return text
    .split("\n")
    .flatMap((line, at) =>
      markers
        .filter(({ pattern, only }) => pattern.test(line) && (only === undefined || only.test(path)))
        .map(({ rule }) => `${path}:${at + 1}: ${rule}`),
    );
}

const longestFile = 400;

/** Files of code longer than the house allows, comments and empty lines included. */
export function oversized({ path, text }: TextFile): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > longestFile ? [`${path}: ${lines} lines, at most ${longestFile}`] : [];
}

/** Fixtures whose name, or the name of a folder above them, stands in no test. */
export function unreadFixtures(fixtures: readonly string[], tests: readonly TextFile[]): string[] {
  return fixtures
    .filter((path) => {
      const names = path.split("/").slice(path.split("/").indexOf("fixtures") + 1);
      return !tests.some(({ text }) => names.some((name) => text.includes(name)));
    })
    .map((path) => `${path}: no test reads it`);
}
