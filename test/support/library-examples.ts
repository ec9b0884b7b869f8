// The library as a package that somebody has installed, and the examples of its documentation.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { projectRoot, toolPath } from "./tools.ts";

export interface Example {
  /** The heading it stands under. */
  readonly title: string;
  readonly code: string;
  /** What it prints, where the documentation says so. */
  readonly output: string | undefined;
}

/** Every fenced ts or js block, with the text block that follows it at once. */
export function examplesIn(markdown: string): Example[] {
  const examples: Example[] = [];
  let title = "";
  for (const match of markdown.matchAll(/^#+ (.*)$|^```(?:ts|js)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm)) {
    const [, heading, code, output] = match;
    if (heading !== undefined) title = heading;
    else if (code !== undefined) examples.push({ title, code, output });
  }
  return examples;
}

export function libraryExamples(): Example[] {
  return examplesIn(readFileSync(join(projectRoot, "docs/library.md"), "utf8"));
}

/** A folder with the packed library in node_modules. Gives the paths that the package holds. */
export async function installLibrary(folder: string): Promise<string[]> {
  if (!existsSync(join(projectRoot, "dist/lib/index.js"))) throw new Error("dist/lib is missing: bun run build:lib");
  const target = join(folder, "node_modules/gantry");
  mkdirSync(target, { recursive: true });
  const packed = await succeed(["npm", "pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: projectRoot,
    env: { npm_config_cache: join(folder, "npm"), npm_config_update_notifier: "false" },
  });
  const [{ filename, files }] = JSON.parse(packed) as [{ readonly filename: string; readonly files: readonly { readonly path: string }[] }];
  await succeed(["tar", "-xzf", join(folder, filename), "--strip-components=1", "-C", target]);
  return files.map(({ path }) => path);
}

/** What runs a text of TypeScript in the folder: Bun as it stands, Node after its types and `using` are taken away. */
export async function commandFor(runtime: "bun" | "node", folder: string, code: string): Promise<readonly string[]> {
  const name = `program-${Bun.hash(code)}`;
  const source = join(folder, `${name}.ts`);
  writeFileSync(source, code);
  if (runtime === "bun") return [process.execPath, source];
  const plain = join(folder, `${name}.mjs`);
  await succeed([process.execPath, "build", "--target=node", "--external=gantry", source, `--outfile=${plain}`]);
  return [toolPath("node"), plain];
}
