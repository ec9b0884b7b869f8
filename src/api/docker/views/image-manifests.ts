import { fault } from "#base";
import type { ImageView, Verbs } from "#engine";
import type { ImageManifest, Platform } from "#image";
import { inspectImage } from "./image.ts";

type Body = Readonly<Record<string, unknown>>;

/** The Manifests of images, as `manifests=1` asks for them: those that are unpacked here. */
export function manifestsView(verbs: Pick<Verbs, "containers">): (view: ImageView) => Body {
  const users = verbs.containers.list({ all: true, filters: {} }).map(({ container }) => container);
  return ({ image }) => ({
    Manifests: image.manifests.map((manifest) => {
      const { digest } = manifest.descriptor;
      const containers = users.filter((user) => user.image.manifest === digest).map(({ id }) => id);
      return manifestView(manifest, containers);
    }),
  });
}

/** Inspect of one platform of an image. @throws not-found in Docker's words */
export function inspectManifest(view: ImageView, name: string, platform: Platform): Body {
  const { os, architecture, variant } = platform;
  const manifest = view.image.manifests.find(
    (one) =>
      one.platform.os === os && one.platform.architecture === architecture && (variant ?? one.platform.variant) === one.platform.variant,
  );
  if (manifest === undefined) {
    const asked = [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
    throw fault("not-found", `image with reference ${name} was found but does not provide the specified platform (${asked})`);
  }
  const whole = inspectImage({ ...view, manifest, history: manifest.history });
  return { ...whole, Id: manifest.descriptor.digest, Descriptor: descriptorView(manifest) };
}

function manifestView(manifest: ImageManifest, containers: readonly string[]): Body {
  const { contentSize, unpackedSize, descriptor } = manifest;
  return {
    ID: descriptor.digest,
    Descriptor: descriptorView(manifest),
    Available: true,
    Size: { Content: contentSize, Total: contentSize + unpackedSize },
    Kind: "image",
    ImageData: {
      Platform: platformView(manifest.platform),
      Containers: containers.length === 0 ? null : containers,
      Size: { Unpacked: unpackedSize },
    },
  };
}

function descriptorView({ descriptor, platform }: ImageManifest): Body {
  const { mediaType, digest, size } = descriptor;
  return { mediaType, digest, size, platform: platformView(platform) };
}

function platformView({ architecture, os, variant }: Platform): Body {
  return { architecture, os, ...(variant !== undefined && { variant }) };
}
