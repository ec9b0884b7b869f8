import type { Announcer } from "#event";
import type { Image } from "#image";

type ImageAction = "create" | "delete" | "import" | "load" | "pull" | "push" | "save" | "tag" | "untag";

/** Announces what happened to an image: `actorId` and `name` as Docker fills them for each action, labels beside them. */
export function announceImage(
  announcer: Announcer,
  action: ImageAction,
  about: { readonly actorId: string; readonly name: string; readonly image?: Image },
): void {
  const labels = about.image?.manifests[0]?.runtime.labels ?? {};
  announcer.announce({ type: "image", action, actorId: about.actorId, attributes: { ...labels, name: about.name } });
}
