import { NotFoundError } from "#client";
import { formatReference, isIndexType, mediaTypes, parseReference, type Reference, withDefaultTag } from "#image";
import type { Invocation } from "../command.ts";
import { authForImage } from "../login/image-auth.ts";
import type { ListedManifest, ListedPlatform } from "./listed-manifest.ts";

type Means = Pick<Invocation, "client" | "config" | "stderr">;

/** What a name stands for at its registry. */
export type Fetched =
  | { readonly kind: "manifest"; readonly manifest: ListedManifest }
  | { readonly kind: "index"; readonly manifests: readonly ListedManifest["Descriptor"][]; readonly reference: Reference };

/** A name with "latest" where it has neither tag nor digest. */
export function targetOf(name: string): Reference {
  return withDefaultTag(parseReference(name));
}

/** Asks the daemon, which asks the registry. @throws Error "no such manifest: NAME" */
export async function fetchManifest(reference: Reference, { client, config, stderr }: Means): Promise<Fetched> {
  const name = formatReference(reference);
  try {
    const reply = await client.images.manifest(name, { auth: await authForImage(name, { config, stderr }) });
    const document: unknown = JSON.parse(Buffer.from(reply.Raw, "base64").toString("utf8"));
    const { mediaType, digest, size } = reply.Descriptor;
    if (isIndexType(mediaType)) {
      const { manifests } = document as { readonly manifests: readonly ListedManifest["Descriptor"][] };
      return { kind: "index", manifests, reference };
    }
    const platform: ListedPlatform | undefined = reply.Platforms[0];
    const kind = mediaType === mediaTypes.ociManifest ? "OCIManifest" : "SchemaV2Manifest";
    const Descriptor = { mediaType, digest, size, ...(platform !== undefined && { platform }) };
    return { kind: "manifest", manifest: { Ref: name, Descriptor, Raw: reply.Raw, [kind]: document } };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if (error.message === "page not found") throw new Error("this daemon cannot ask registries for manifests", { cause: error });
    throw new Error(`no such manifest: ${name}`, { cause: error });
  }
}

/** The manifests that an index names, each with its bytes and the platform that the index says. */
export async function fetchMembers(
  { reference, manifests }: Extract<Fetched, { readonly kind: "index" }>,
  means: Means,
): Promise<readonly ListedManifest[]> {
  const found: ListedManifest[] = [];
  for (const { digest, platform } of manifests) {
    const fetched = await fetchManifest(parseReference(`${reference.domain}/${reference.path}@${digest}`), means);
    if (fetched.kind !== "manifest") throw new Error(`index ${digest} lies inside an index`);
    const { manifest } = fetched;
    const Descriptor = { ...manifest.Descriptor, ...(platform !== undefined && { platform }) };
    found.push({ ...manifest, Ref: `${formatReference(reference)}@${digest}`, Descriptor });
  }
  return found;
}
