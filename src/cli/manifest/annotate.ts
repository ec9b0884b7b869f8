import { formatReference, parsePlatform } from "#image";
import type { Command, Invocation } from "../command.ts";
import { type FlagValues, list, text } from "../flag.ts";
import { targetOf } from "./fetch.ts";
import { type ListedPlatform, orderedPlatform } from "./listed-manifest.ts";
import { ManifestLists } from "./store.ts";

export const manifestAnnotateCommand: Command = {
  synopsis: "[OPTIONS] MANIFEST_LIST MANIFEST",
  summary: "Add additional information to a local image manifest",
  args: { min: 2, max: 2 },
  flags: [
    text("arch", "Set architecture"),
    text("os", "Set operating system"),
    list("os-features", "Set operating system feature", { valueName: "strings" }),
    text("os-version", "Set operating system version"),
    text("variant", "Set architecture variant"),
  ],
  run: async ({ args, flags, config }: Invocation) => {
    const [name = "", member = ""] = args;
    const lists = new ManifestLists(config.folder);
    const target = formatReference(targetOf(name));
    const manifest = lists.get(target, formatReference(targetOf(member)));
    if (manifest === undefined) throw new Error(`manifest for image ${member} does not exist in ${name}`);
    const platform = annotated(manifest.Descriptor.platform ?? { architecture: "", os: "" }, flags);
    if (!isPlatform(platform)) {
      const combination = `${platform.os}/${platform.architecture}`;
      throw new Error(`manifest entry for image has unsupported os/arch combination: ${combination}`);
    }
    lists.save(target, { ...manifest, Descriptor: { ...manifest.Descriptor, platform } });
    return await Promise.resolve(0);
  },
};

/** What was given replaces what is there; the rest stays. */
function annotated(platform: ListedPlatform, flags: FlagValues): ListedPlatform {
  const [architecture, os, version, variant] = ["arch", "os", "os-version", "variant"].map((name) => flags.text(name));
  const features = flags.list("os-features").flatMap((value) => value.split(","));
  return orderedPlatform({
    ...platform,
    ...(architecture !== "" && architecture !== undefined && { architecture }),
    ...(os !== "" && os !== undefined && { os }),
    ...(version !== "" && version !== undefined && { "os.version": version }),
    ...(features.length > 0 && { "os.features": features }),
    ...(variant !== "" && variant !== undefined && { variant }),
  });
}

/** True where both words are known ones. */
function isPlatform({ os, architecture }: ListedPlatform): boolean {
  const own = { os: "linux", architecture: "amd64" };
  try {
    return parsePlatform(os, own).os === os && parsePlatform(architecture, own).architecture === architecture;
  } catch {
    return false;
  }
}
