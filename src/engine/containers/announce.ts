import type { Container } from "#container";
import type { Announcer } from "#event";

/** Announces something that happened to a container, with the attributes that Docker gives: labels, image, name. */
export function announce(
  announcer: Announcer,
  container: Container,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  announcer.announce({
    type: "container",
    action,
    actorId: container.id,
    attributes: { ...container.spec.labels, ...attributes, image: container.spec.image, name: container.name },
  });
}
