import { change125 } from "./1.25.ts";
import { change142 } from "./1.42.ts";
import { change143 } from "./1.43.ts";
import { change144 } from "./1.44.ts";
import { change146 } from "./1.46.ts";
import { change147 } from "./1.47.ts";
import { change148 } from "./1.48.ts";
import { change149 } from "./1.49.ts";
import { change150 } from "./1.50.ts";
import { change151 } from "./1.51.ts";
import { isBelow, parseApiVersion, type ApiVersion } from "./api-version.ts";
import type { ReplyBody, ReplyKind, VersionChange } from "./change.ts";

/** Newest first: each takes a reply one step down. */
const changes: readonly VersionChange[] = [
  change151,
  change150,
  change149,
  change148,
  change147,
  change146,
  change144,
  change143,
  change142,
  change125,
];

const steps = changes.map((change) => ({ version: parseApiVersion(change.version), replies: change.replies }));

/** How many steps a reply of this kind takes down to `version`: versions with the same number get the same form. */
export function shapeOf(kind: ReplyKind, version: ApiVersion): number {
  return steps.filter((step) => step.replies[kind] !== undefined && isBelow(version, step.version)).length;
}

/** A reply that was built at the newest version, as a client of `version` knows it. */
export function downgrade(kind: ReplyKind, body: ReplyBody, version: ApiVersion): ReplyBody {
  let result = body;
  for (const step of steps) if (isBelow(version, step.version)) result = step.replies[kind]?.(result) ?? result;
  return result;
}
