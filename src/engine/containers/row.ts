import type { Container } from "#container";

/** A container as the state database keeps it. A field that changes its meaning gets a new version and a step in `fromRow`. */
export interface ContainerRow {
  readonly version: 1;
  readonly container: Container;
}

export function toRow(container: Container): ContainerRow {
  return { version: 1, container };
}

export function fromRow(row: ContainerRow): Container {
  return row.container;
}
