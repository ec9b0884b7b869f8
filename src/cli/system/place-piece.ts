import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Piece } from "./pieces.ts";

export type Placed = "made" | "replaced" | "unchanged" | "kept";

/** Puts a piece below `root`, whole or not at all. */
export function placePiece(root: string, piece: Piece): Placed {
  const path = join(root, piece.path);
  const wasThere = isThere(path);
  if (wasThere && piece.kind === "settings") return "kept";
  if (wasThere && isSame(path, piece)) return "unchanged";
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const fresh = `${path}.gantry-new`;
  rmSync(fresh, { force: true });
  write(fresh, piece);
  renameSync(fresh, path);
  return wasThere ? "replaced" : "made";
}

/** True for anything at that path, a link that leads nowhere too. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isSame(path: string, piece: Piece): boolean {
  const isLink = lstatSync(path).isSymbolicLink();
  if (piece.kind === "link") return isLink && readlinkSync(path) === piece.target;
  if (isLink || !existsSync(path)) return false;
  const wanted = piece.kind === "copy" ? readFileSync(piece.from) : Buffer.from(piece.text);
  return readFileSync(path).equals(wanted);
}

function write(path: string, piece: Piece): void {
  if (piece.kind === "link") symlinkSync(piece.target, path);
  else if (piece.kind === "copy") {
    copyFileSync(piece.from, path);
    chmodSync(path, 0o755);
  } else writeFileSync(path, piece.text, { mode: 0o644 });
}
