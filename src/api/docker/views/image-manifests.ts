import { fault } from "#base";
import type { ImageView, Verbs } from "#engine";
import { type Descriptor, formatPlatform, type ImageManifest, type Platform, samePlatform } from "#image";
import { inspectImage } from "./image.ts";

type Body = Readonly<Record<string, unknown>>;

/** How an attestation names the manifest that it is about (Docker's annotation). */
const subjectAnnotation = "vnd.docker.reference.digest";

/** The Manifests of images, as `manifests=1` asks for them: all that the index names, and whether it is here. */
export function manifestsView(verbs: Pick<Verbs, "containers" | "images">): (view: ImageView) => Promise<Body> {
  const users = verbs.containers.list({ all: true, filters: {} }).map(({ container }) => container);
  return async ({ image }) => ({
    Manifests: (await verbs.images.entries(image.id)).map((entry) => {
      const manifest = image.manifests.find(({ descriptor }) => descriptor.digest === entry.digest);
      const containers = users.filter((user) => user.image.manifest === entry.digest).map(({ id }) => id);
      return manifestView(entry, manifest, containers);
    }),
  });
}

/** Inspect of exactly one platform of an image. @throws not-found in Docker's words */
export async function inspectManifest(
  verbs: Pick<Verbs, "images">,
  view: ImageView,
  { name, platform }: { readonly name: string; readonly platform: Platform },
): Promise<Body> {
  const manifest = view.image.manifests.find((one) => samePlatform(platform, one.descriptor.platform ?? one.platform));
  if (manifest === undefined) {
    const lacking = `does not provide the specified platform (${formatPlatform(platform)})`;
    throw fault("not-found", `image with reference ${name} was found but ${lacking}`);
  }
  const { digest } = manifest.descriptor;
  const entry = (await verbs.images.entries(view.image.id)).find((one) => one.digest === digest);
  const whole = inspectImage({ ...view, manifest, history: manifest.history });
  return { ...whole, Id: digest, Descriptor: descriptorView(entry ?? manifest.descriptor) };
}

function manifestView(entry: Descriptor, manifest: ImageManifest | undefined, containers: readonly string[]): Body {
  const { contentSize, unpackedSize } = manifest ?? { contentSize: 0, unpackedSize: 0 };
  const subject = entry.annotations?.[subjectAnnotation];
  const platform = entry.platform ?? manifest?.platform;
  return {
    ID: entry.digest,
    Descriptor: descriptorView(entry),
    Available: manifest !== undefined,
    Size: { Content: contentSize, Total: contentSize + unpackedSize },
    ...(subject === undefined
      ? {
          Kind: "image",
          ImageData: {
            Platform: platformView(platform ?? { os: "", architecture: "" }),
            Containers: containers.length === 0 ? null : containers,
            Size: { Unpacked: unpackedSize },
          },
        }
      : { Kind: "attestation", AttestationData: { For: subject } }),
  };
}

/** A descriptor as OCI writes it. */
export function descriptorView({ mediaType, digest, size, platform, annotations }: Descriptor): Body {
  return {
    mediaType,
    digest,
    size,
    ...(annotations !== undefined && { annotations }),
    ...(platform !== undefined && { platform: platformView(platform) }),
  };
}

/** A platform as OCI writes it. */
export function platformView({ architecture, os, variant }: Platform): Body {
  return { architecture, os, ...(variant !== undefined && { variant }) };
}
