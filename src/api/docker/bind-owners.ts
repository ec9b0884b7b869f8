import { fault } from "#base";
import type { BindMount, BindOwner } from "#container";
import { cleanTarget } from "./binds.ts";

/** The highest number that a user has; the one after it means nobody. */
const highest = 0xffff_fffe;

/** Binds with what the body's `Gantry.BindOwners` says of them, by target. @throws invalid */
export function withOwners(binds: readonly BindMount[], owners: ReadonlyMap<string, string>): readonly BindMount[] {
  if (owners.size === 0) return binds;
  const byTarget = new Map([...owners].map(([target, text]) => [cleanTarget(target), ownerOf(text)]));
  for (const target of byTarget.keys())
    if (!binds.some((bind) => bind.target === target)) throw fault("invalid", `Gantry.BindOwners: nothing is bound at ${target}`);
  return binds.map((bind) => {
    const owner = byTarget.get(bind.target);
    return owner === undefined ? bind : { ...bind, owner };
  });
}

function ownerOf(text: string): BindOwner {
  const [uid = -1, gid = -1] = /^\d{1,10}:\d{1,10}$/.test(text) ? text.split(":").map(Number) : [];
  if (uid < 0 || uid > highest || gid > highest)
    throw fault("invalid", `Gantry.BindOwners: ${JSON.stringify(text)} is no owner: two numbers are, as in 1000:1000`);
  return { uid, gid };
}
