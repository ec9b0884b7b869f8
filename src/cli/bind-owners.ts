import { getegid, geteuid } from "node:process";

/** Values of `-v`, and by target whose the files of a bind are to seem. */
export interface OwnedBinds {
  readonly binds: readonly string[];
  readonly owners: Readonly<Record<string, string>>;
}

/** Takes `owner=me`, `owner=1000` and `owner=1000:100` out of the third part of `-v`: Docker knows nothing of it. @throws Error */
export function takeOwners(specs: readonly string[]): OwnedBinds {
  const owners: Record<string, string> = {};
  const binds = specs.map((spec) => {
    const parsed = /^(?<source>[^:]+):(?<target>[^:]+):(?:(?<before>.*),)?owner=(?<owner>me|\d+(?::\d+)?|[^,]*)(?:,(?<after>.*))?$/.exec(
      spec,
    )?.groups;
    if (parsed === undefined) return spec;
    const { source = "", target = "", before, owner = "", after } = parsed;
    if (!/^[./]/.test(source)) throw new Error(`invalid volume specification: '${spec}': owner= is for folders and files of the host`);
    owners[target] = numbersOf(owner, spec);
    const mode = [before, after].filter((words) => words !== undefined && words !== "").join(",");
    return `${source}:${target}${mode === "" ? "" : `:${mode}`}`;
  });
  return { binds, owners };
}

function numbersOf(owner: string, spec: string): string {
  if (owner === "me") return `${geteuid?.() ?? 0}:${getegid?.() ?? 0}`;
  if (/^\d+$/.test(owner)) return `${owner}:${owner}`;
  if (/^\d+:\d+$/.test(owner)) return owner;
  throw new Error(`invalid volume specification: '${spec}': owner= takes "me", a number or two ("1000:1000")`);
}
