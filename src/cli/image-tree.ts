// images --tree: an image with its names, and below it what its index names, here or not, in Docker's columns.
import { formatSize, shortId } from "#base";
import type { Filters, ImageSummary, ManifestSummary } from "#client";
import { formatPlatform } from "#image";
import type { Invocation } from "./command.ts";

interface TreeLine {
  readonly name: string;
  /** Absent where only a name stands. */
  readonly facts?: { readonly id: string; readonly disk: string; readonly content: string; readonly used: boolean };
}

const warning = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.\n";
const legend = "Info ->  U In Use ";
const gap = 3;

/** Prints what passes the filters, newest first. @throws Error for flags that Docker takes no tree with */
export async function printImageTree({ flags, client, stdout, stderr }: Invocation, filters: Filters): Promise<number> {
  refuse(flags.bool("quiet"), "--quiet");
  refuse(flags.bool("no-trunc"), "--no-trunc");
  refuse(flags.bool("digests"), "--show-digest");
  refuse(flags.text("format") !== "", "--format");
  const images = await client.images.list({ all: flags.bool("all"), filters, manifests: true });
  stderr.print(warning);
  stdout.print(treeText(images));
  return 0;
}

function refuse(given: boolean, flag: string): void {
  if (given) throw new Error(`${flag} is not yet supported with --tree`);
}

export function treeText(images: readonly ImageSummary[]): string {
  const blocks = images.toSorted((a, b) => b.Created - a.Created).map(linesOf);
  const width = Math.max("IMAGE".length, ...blocks.flat().map(({ name }) => Bun.stringWidth(name))) + gap;
  const row = (name: string, id: string, [disk, content, extra]: readonly [string, string, string]): string =>
    [
      name + " ".repeat(width - Bun.stringWidth(name)),
      id.padEnd(12 + gap),
      disk.padStart("DISK USAGE".length),
      content.padStart(gap + "CONTENT SIZE".length),
      " ".repeat(gap),
      extra.padEnd("EXTRA".length),
    ].join("");
  const header = row("IMAGE", "ID", ["DISK USAGE", "CONTENT SIZE", "EXTRA"]);
  const text = blocks.map((lines) =>
    lines.map(({ name, facts }) =>
      facts === undefined ? `${name}\n` : `${row(name, facts.id, [facts.disk, facts.content, facts.used ? " U " : ""])}\n`,
    ),
  );
  return `${legend.padStart(header.length)}\n\n${header}\n${text.map((lines) => `${lines.join("")}\n`).join("")}`;
}

/** Every name on a line, facts beside the last; then the platforms. Attestations are no platforms. */
function linesOf(image: ImageSummary): readonly TreeLine[] {
  const names = (image.RepoTags ?? []).length === 0 ? ["<untagged>"] : (image.RepoTags ?? []).toSorted();
  const manifests = (image.Manifests ?? []).filter(({ Kind }) => Kind === "image");
  const content = manifests.reduce((sum, { Size }) => sum + Size.Content, 0);
  const used = manifests.some(isUsed);
  const own = { id: shortId(hexOf(image.Id)), disk: formatSize(image.Size, 3), content: formatSize(content, 3), used };
  return [
    ...names.slice(0, -1).map((name) => ({ name })),
    { name: names.at(-1) ?? "", facts: own },
    ...manifests.map((manifest, index) => platformLine(manifest, index === manifests.length - 1)),
  ];
}

function platformLine(manifest: ManifestSummary, isLast: boolean): TreeLine {
  const { ID, Size, ImageData } = manifest;
  const platform = ImageData === undefined ? "" : formatPlatform(ImageData.Platform);
  return {
    name: `${isLast ? "└─" : "├─"} ${platform}`,
    facts: { id: shortId(hexOf(ID)), disk: formatSize(Size.Total, 3), content: formatSize(Size.Content, 3), used: isUsed(manifest) },
  };
}

function isUsed({ ImageData }: ManifestSummary): boolean {
  return (ImageData?.Containers ?? []).length > 0;
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
