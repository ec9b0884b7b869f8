// Lists of containers as bytes. A container is immutable, so what a list says of it is encoded once and kept as long as it lives;
// only how long it has been up or ended goes by the clock, and that is put between the two halves when the minute has changed. Whatever
// else a summary is made of must be compared in `fragmentOf`.
import type { ContainerSize, ListedContainer } from "#engine";
import { downgrade, shapeOf, type ApiVersion } from "#wire";
import { statusText, summarizeContainer, unchangedFor, type ManifestFacts } from "./container.ts";

interface Fragment {
  readonly endpoint: ListedContainer["endpoint"];
  readonly manifest: ManifestFacts | undefined;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  status: Uint8Array;
  /** Milliseconds since the epoch until which `status` is true. */
  trueUntil: number;
}

export interface ListEntry {
  readonly listed: ListedContainer;
  readonly manifest: ManifestFacts | undefined;
  /** Given where it was asked for. */
  readonly size?: ContainerSize;
}

/** Docker's number for a size that it could not find out. */
export const unmeasured: ContainerSize = { written: -1, total: -1 };

const comma = 0x2c;
const empty = new Uint8Array();

/** By container and by form of the reply, of which there are a few over all versions. */
const fragments = new WeakMap<ListedContainer["container"], Fragment[]>();

/** Body of GET /containers/json. */
export function encodeSummaries(entries: readonly ListEntry[], version: ApiVersion, nowMs: number): Uint8Array {
  if (entries.length === 0) return Buffer.from("[]\n");
  const shape = shapeOf("containerSummary", version);
  const pieces: Uint8Array[] = [];
  for (const entry of entries) {
    const fragment = entry.size === undefined ? fragmentOf(entry, version, shape) : encode(entry, version);
    if (nowMs >= fragment.trueUntil) refresh(fragment, entry.listed, nowMs);
    pieces.push(fragment.head, fragment.status, fragment.tail);
  }
  pieces.push(Buffer.from("]\n"));
  const body = Buffer.concat(pieces);
  // Every entry begins with a comma; the first one's is the list's bracket.
  body[0] = 0x5b;
  return body;
}

function fragmentOf(entry: ListEntry, version: ApiVersion, shape: number): Fragment {
  const { container, endpoint } = entry.listed;
  const known = fragments.get(container) ?? [];
  const found = known[shape];
  if (found !== undefined && found.endpoint === endpoint && found.manifest === entry.manifest) return found;
  const made = encode(entry, version);
  known[shape] = made;
  fragments.set(container, known);
  return made;
}

function encode({ listed, manifest, size }: ListEntry, version: ApiVersion): Fragment {
  const fields = Object.entries(downgrade("containerSummary", summarizeContainer(listed, manifest, size), version));
  const middle = fields.findIndex(([name]) => name === "Status");
  const half = (part: typeof fields): string => JSON.stringify(Object.fromEntries(part)).slice(1, -1);
  const head = Buffer.from(` {${half(fields.slice(0, middle))},"Status":"`);
  head[0] = comma;
  const tail = Buffer.from(`",${half(fields.slice(middle + 1))}}`);
  return { endpoint: listed.endpoint, manifest, head, tail, status: empty, trueUntil: 0 };
}

function refresh(fragment: Fragment, { container }: ListedContainer, nowMs: number): void {
  fragment.status = Buffer.from(statusText(container.state, nowMs, container.health));
  fragment.trueUntil = nowMs + unchangedFor(container.state, nowMs);
}
