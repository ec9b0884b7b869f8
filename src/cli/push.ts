import { messageOf } from "#base";
import type { ProgressLine } from "#client";
import { familiarName, formatReference, parseReference, withDefaultTag } from "#image";
import { coloured } from "./colour.ts";
import type { Command, Invocation } from "./command.ts";
import { contentTrustFlag, refuseContentTrust } from "./content-trust.ts";
import { bool, text } from "./flag.ts";
import { printNote } from "./note.ts";
import { platformJson } from "./platform-flag.ts";
import { showProgress } from "./progress-display.ts";

const platformNote = `Using --platform pushes only the specified platform manifest of a multi-platform image index.
Other components, like attestations, will not be included.
To push the complete multi-platform image, remove the --platform flag.
`;

const platformUsage = `Push a platform-specific manifest as a single-platform image to the registry.
Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`;

export const pushCommand: Command = {
  synopsis: "[OPTIONS] NAME[:TAG]",
  summary: "Upload an image to a registry",
  aliases: ["image push", "push"],
  args: { min: 1, max: 1 },
  flags: [
    bool("all-tags", "Push all tags of an image to the repository", { short: "a" }),
    contentTrustFlag("signing"),
    text("platform", platformUsage),
    bool("quiet", "Suppress verbose output", { short: "q" }),
  ],
  run: push,
};

async function push(invocation: Invocation): Promise<number> {
  const { flags, args, stdout, client } = invocation;
  refuseContentTrust(flags, process.env);
  const platform = platformOf(invocation);
  const quiet = flags.bool("quiet");
  const parsed = parseReference(args[0] ?? "");
  const isBare = parsed.tag === undefined && parsed.digest === undefined;
  if (flags.bool("all-tags") && !isBare) throw new Error("tag can't be used with --all-tags/-a");
  if (parsed.digest !== undefined) throw new Error("cannot push a digest reference");
  const reference = flags.bool("all-tags") ? parsed : withDefaultTag(parsed);
  if (isBare && !flags.bool("all-tags") && !quiet) stdout.print("Using default tag: latest\n");
  const { authForImage } = await import("./login/image-auth.ts");
  const auth = await authForImage(args[0] ?? "", invocation);
  const lines = await client.images.push({
    repository: familiarName(reference),
    ...(reference.tag !== undefined && { tag: reference.tag }),
    ...(platform !== undefined && { platform }),
    ...(auth !== undefined && { auth }),
  });
  const notes: string[] = [];
  try {
    await showProgress(withoutAux(lines, notes), quiet ? undefined : stdout);
    if (quiet) stdout.print(`${formatReference(reference)}\n`);
  } finally {
    for (const note of notes) printNote(stdout, note);
  }
  return 0;
}

function platformOf({ flags, stdout, stderr }: Invocation): string | undefined {
  const wanted = flags.text("platform");
  if (wanted === "") return undefined;
  try {
    const platform = platformJson(wanted);
    printNote(stdout, platformNote);
    return platform;
  } catch (error) {
    stderr.print(`Invalid platform ${wanted}`);
    throw new Error(messageOf(error instanceof Error ? (error.cause ?? error) : error), { cause: error });
  }
}

/** What is told beside the words becomes notes for the end. */
async function* withoutAux(lines: AsyncIterable<ProgressLine>, notes: string[]): AsyncGenerator<ProgressLine> {
  for await (const line of lines) {
    if (line.aux === undefined) yield line;
    else notes.push(...strippedIndex(line.aux));
  }
}

interface Stripped {
  readonly manifestPushedInsteadOfIndex?: boolean;
  readonly originalIndex?: { readonly digest?: string };
  readonly selectedManifest?: { readonly digest?: string };
}

function strippedIndex(aux: unknown): readonly string[] {
  const { manifestPushedInsteadOfIndex, originalIndex, selectedManifest } = (aux ?? {}) as Stripped;
  if (manifestPushedInsteadOfIndex !== true) return [];
  const change = `${coloured("red", originalIndex?.digest ?? "")} -> ${coloured("green", selectedManifest?.digest ?? "")}`;
  return [`Not all multiplatform-content is present and only the available single-platform image was pushed\n${change}`];
}
