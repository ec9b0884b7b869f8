// An image with everything that layers can hold: three layers over busybox, which is there to look at them.
import { join } from "node:path";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { byteString } from "#image";
import type { ArchiveMember } from "./archive.ts";
import { dockerArchive, imageParts } from "./image-parts.ts";
import { listTar } from "./tar-listing.ts";
import { projectRoot } from "./tools.ts";

const at = { seconds: 1_000_000_000, nanos: 0 };
const file = (name: string, more: Partial<ArchiveMember> = {}): ArchiveMember => ({
  name: byteString(Buffer.from(name)),
  mtime: at,
  content: name,
  ...more,
});
const folder = (name: string, more: Partial<ArchiveMember> = {}): ArchiveMember =>
  file(`${name}/`, { type: "directory", content: "", ...more });
const empty = (name: string, type: "symlink" | "hardlink" | "fifo" | "char" | "block", more: Partial<ArchiveMember> = {}): ArchiveMember =>
  file(name, { type, content: "", ...more });

/** VFS_CAP_REVISION_2 with CAP_NET_RAW, permitted and effective (linux/capability.h). */
const capability = "\u0001\0\0\u0002\0\u0020\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

const lowest: readonly ArchiveMember[] = [
  folder("tmp", { mode: 0o1777 }),
  folder("odd", { mode: 0o711, uid: 3, gid: 4 }),
  file("odd/plain", { mode: 0o640, uid: 1000, gid: 1001, mtime: { seconds: 1_000_000_000, nanos: 123_456_789 } }),
  file("odd/old", { mtime: { seconds: 1, nanos: 0 } }),
  file("odd/large-owner", { uid: 3_000_000, gid: 4_000_000 }),
  file("odd/setuid", { mode: 0o4755 }),
  file("odd/setgid", { mode: 0o2755 }),
  folder("odd/sticky", { mode: 0o1777 }),
  file("odd/sticky/kept"),
  empty("odd/fifo", "fifo", { mode: 0o600 }),
  empty("odd/null", "char", { mode: 0o666, major: 1, minor: 3 }),
  empty("odd/block", "block", { mode: 0o660, major: 7, minor: 99 }),
  empty("odd/link", "symlink", { linkName: "plain", uid: 5, gid: 6 }),
  empty("odd/dangling", "symlink", { linkName: "../nowhere" }),
  empty("odd/loop-a", "symlink", { linkName: "loop-b" }),
  empty("odd/loop-b", "symlink", { linkName: "loop-a" }),
  empty("odd/absolute", "symlink", { linkName: "/odd/plain" }),
  file("odd/hard-a", { mode: 0o604 }),
  empty("odd/hard-b", "hardlink", { linkName: "odd/hard-a", mode: 0o604 }),
  file(`odd/${"long".repeat(60)}`),
  ...["deep".repeat(30), "deeper".repeat(30)].map((_, index, names) => folder(`odd/${names.slice(0, index + 1).join("/")}`)),
  file(`odd/${"deep".repeat(30)}/${"deeper".repeat(30)}/end`),
  file("odd/with space"),
  file("odd/ünïcode"),
  { ...file("odd/bytes"), name: byteString(Buffer.from("odd/\xff\xfe-bytes", "latin1")) },
  file("odd/xattrs", {
    xattrs: new Map(
      [
        ["user.odd", "value"],
        ["security.capability", capability],
      ].map(([key, value]) => [byteString(Buffer.from(key ?? "")), byteString(Buffer.from(value ?? "", "latin1"))]),
    ),
  }),
  file("odd/removed"),
  folder("odd/removed-folder"),
  file("odd/removed-folder/inside"),
  folder("odd/opaque", { mode: 0o750 }),
  file("odd/opaque/lower"),
  folder("odd/becomes-file"),
  file("odd/becomes-file/inside"),
  file("odd/becomes-folder"),
  empty("odd/becomes-target", "symlink", { linkName: "plain" }),
];

const middle: readonly ArchiveMember[] = [
  file("odd/.wh.removed", { content: "" }),
  file("odd/.wh.removed-folder", { content: "" }),
  folder("odd/opaque", { mode: 0o751 }),
  file("odd/opaque/.wh..wh..opq", { content: "" }),
  file("odd/opaque/middle"),
  file("odd/becomes-file", { content: "a file now" }),
  folder("odd/becomes-folder", { uid: 9 }),
  file("odd/becomes-folder/inside"),
  file("odd/becomes-target", { content: "no link now" }),
  file("odd/pair-a"),
  empty("odd/pair-b", "hardlink", { linkName: "odd/pair-a" }),
  // Its folder is only implied, and stays as it was.
  file("tmp/implied"),
];

const highest: readonly ArchiveMember[] = [
  file("odd/removed", { content: "back again" }),
  file("odd/.wh.hard-a", { content: "" }),
  file("odd/opaque/.wh.middle", { content: "" }),
  file("odd/opaque/highest"),
  folder("odd/sticky", { mode: 0o700, uid: 5, gid: 6 }),
];

const folders = lowest.slice(0, 2);

/** odd:1 as an archive for `load`; `implied` where upper layers do not say again how the folders of their files are. */
export async function oddArchive({ implied }: { readonly implied: boolean }): Promise<Uint8Array<ArrayBuffer>> {
  const layers = implied
    ? [lowest, middle, highest]
    : [lowest, [...folders, ...middle], [...folders, folder("odd/opaque", { mode: 0o751 }), ...highest]];
  return dockerArchive(imageParts({ docker: true, layers, below: [await busyboxLayer()] }), ["odd:1"]);
}

async function busyboxLayer(): Promise<Uint8Array<ArrayBuffer>> {
  const entries = listTar(await busyboxArchive(join(projectRoot, ".cache")));
  const layer = entries.find(({ entry }) => entry.size > 100_000);
  if (layer === undefined) throw new Error("busybox has no layer");
  return Buffer.from(layer.content, "latin1");
}
