import { fault } from "#base";

/** Names by which runtimes take orders: hooks, filters, receivers, properties of units. No caller gives those. */
const orders = ["run.oci.", "org.systemd.property.", "org.criu.", "module.wasm.", "krun."];

/** Annotations as a runtime may see them. They are kept and told whole; what would be an order stays ours. */
export function harmlessAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => name !== "bundle" && !orders.some((order) => name.startsWith(order))),
  );
}

/** @throws invalid in Docker's words */
export function checkAnnotations(annotations: Readonly<Record<string, string>>): void {
  if (Object.hasOwn(annotations, "")) throw fault("invalid", "invalid Annotations: the empty string is not permitted as an annotation key");
}
