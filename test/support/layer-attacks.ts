// Layers that try to leave their root, as data: one for each way that an unpacker has gone wrong before.
import { join } from "node:path";
import { archive, type ArchiveMember } from "./archive.ts";

export interface LayerAttack {
  /** Row of the table of attacks, and what is tried. */
  readonly title: string;
  readonly bytes: Uint8Array;
  /** True when a careless unpacker gets through it unharmed; all others it must fail. */
  readonly isHarmless?: boolean;
}

/** Where the attacks aim: an absolute path, and the way to it from the root of the layer. */
export interface AttackTarget {
  readonly canary: string;
  readonly relative: string;
}

type Attack = readonly [title: string, members: readonly ArchiveMember[], isHarmless?: boolean];

const file = (name: string): ArchiveMember => ({ name, content: "overwritten", mode: 0o777 });
const link = (name: string, linkName: string): ArchiveMember => ({ type: "symlink", name, linkName });
const hard = (name: string, linkName: string, rest: Partial<ArchiveMember> = {}): ArchiveMember => ({
  type: "hardlink",
  name,
  linkName,
  ...rest,
});
const folder = (name: string): ArchiveMember => ({ type: "directory", name });

/** All attacks on this target. */
export function layerAttacks(target: AttackTarget): readonly LayerAttack[] {
  const attacks = [
    ...linkAttacks(target),
    ...attributeAttacks(target),
    ...flipAttacks(target),
    ...whiteoutAttacks(target),
    ...rootAttackTriples(target),
  ];
  return attacks.map(([title, members, isHarmless]) => ({ title, bytes: archive(members), ...(isHarmless === true && { isHarmless }) }));
}

function linkAttacks({ canary, relative }: AttackTarget): readonly Attack[] {
  const secret = join(canary, "secret");
  return [
    ["A01 name with dots", [file(`${relative}/secret`)]],
    ["A01 name with dots behind a folder", [folder("d"), file(`d/../${relative}/new`)]],
    ["A01 absolute link to a folder", [link("l", canary), file("l/secret")]],
    ["A01 relative link to a folder", [link("l", relative), file("l/new")]],
    ["A01 link to a link", [link("a", canary), link("b", "a"), file("b/folder/new")]],
    ["A01 link whose target is a file", [link("l", secret), file("l")]],
    [
      "A01 chain of links that climbs",
      [folder("a/b/c"), link("a/b/c/up", `../../../${relative}`), link("a/b/escape", "c/up"), file("a/b/escape/secret")],
    ],
    ["A01 link made again behind a folder", [folder("d"), link("d", canary), file("d/new")]],
    ["A01 folder made through a link", [link("l", canary), folder("l/new/deep")]],
    ["A01 hard link by dots, then a file over it", [hard("x", `${relative}/secret`), file("x")]],
    ["A01 hard link through a link, then a file over it", [link("l", canary), hard("x", "l/secret"), file("x")]],
    ["A01 hard link into the outside through a link", [file("f"), link("l", canary), hard("l/new", "f")]],
    ["A01 hard link to an absolute name", [hard("x", secret), file("x")], true],
    ["A01 link through /proc", [link("p", "/proc/self/cwd"), file("p/escaped-by-proc")], true],
    ["A01 absolute name", [file(secret)], true],
    ["A01 links in a circle", [link("a", "b"), link("b", "a"), file("a/f")], true],
  ];
}

function attributeAttacks({ canary, relative }: AttackTarget): readonly Attack[] {
  const secret = join(canary, "secret");
  const open = { mode: 0o777, uid: 1000, mtime: { seconds: 0, nanos: 0 }, xattrs: new Map([["user.touched", "yes"]]) };
  return [
    ["A02 hard link to a link, with mode, owner and time", [link("s", secret), hard("t", "s", open)]],
    ["A02 hard link to a relative link", [link("s", `${relative}/secret`), hard("t", "s", open)]],
    ["A02 folder behind a link", [link("l", relative), { type: "directory", name: "l/folder", ...open }]],
    ["A02 link with attributes of its own", [{ type: "symlink", name: "s", linkName: secret, ...open }], true],
  ];
}

function flipAttacks({ canary }: AttackTarget): readonly Attack[] {
  const flip = (round: number): readonly ArchiveMember[] => [folder("d"), file(`d/f${round}`), link("d", canary), file("d/g"), folder("d")];
  return [["A03 folder that turns into a link and back", Array.from({ length: 200 }, (_, round) => flip(round)).flat()]];
}

function whiteoutAttacks({ canary, relative }: AttackTarget): readonly Attack[] {
  const wh = (name: string): ArchiveMember => ({ name });
  return [
    ["A04 whiteout of the folder above", [wh(".wh...")]],
    ["A04 whiteout of the root", [wh(".wh..")]],
    ["A04 whiteout of nothing", [wh(".wh.")]],
    ["A04 whiteout of the folder above a folder", [folder("d"), wh("d/.wh...")]],
    ["A04 whiteout by dots", [wh(`${relative}/.wh.secret`)]],
    ["A04 whiteout behind an absolute link", [link("l", canary), wh("l/.wh.secret")]],
    ["A04 whiteout behind a relative link", [link("l", relative), wh("l/.wh.folder")]],
    ["A04 opaque mark behind a link", [link("l", canary), wh("l/.wh..wh..opq")]],
    ["A04 opaque mark by dots", [wh(`${relative}/.wh..wh..opq`)]],
    ["A04 names of AUFS", [wh(".wh..wh.plnk/x"), wh(".wh..wh.aufs")], true],
  ];
}

/** Those that want to be the root, as members. */
export function rootAttacks(target: AttackTarget): readonly { readonly title: string; readonly members: readonly ArchiveMember[] }[] {
  return rootAttackTriples(target).map(([title, members]) => ({ title, members }));
}

function rootAttackTriples({ canary }: AttackTarget): readonly Attack[] {
  const names = [".", "./", "/", ""];
  return [
    ...names.map((name): Attack => [`A23 link as the root, called ${JSON.stringify(name)}`, [link(name, canary), file("secret")]]),
    ...names.map((name): Attack => [`A23 file as the root, called ${JSON.stringify(name)}`, [file(name)], name.endsWith("/")]),
    ["A23 hard link as the root", [file("f"), hard(".", "f")], true],
    ["A23 device as the root", [{ type: "char", name: ".", major: 1, minor: 3 }]],
  ];
}
