import { type Digest, fault } from "#base";
import { TarDecoder } from "#image";
import { hasCode, rooted } from "#linux";
import { closeSync, constants, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BoundedSink } from "./bounded-sink.ts";
import { inflate } from "./inflate.ts";
import { syncFolder } from "./ingest-file.ts";
import { type LayerForm, TreeForm } from "./layer-form.ts";
import { SealedForm } from "./sealed/sealed-form.ts";
import type { LayerRecord, SettleJob, UnpackJob } from "./store-message.ts";

/** Names in a layer's folder. */
export const layerFiles = { tree: "tree", record: "layer.json" } as const;

/**
 * Unpacks one layer in a store thread: inflate, hash and write in one pass, one sync of the file system (or of many layers later, `settle`), one rename. Whatever fails leaves
 * `job.folder` to the caller, and nothing under `job.target`.
 * @throws invalid; what the signal aborts with
 */
export async function unpackLayer(job: UnpackJob, signal: AbortSignal): Promise<LayerRecord> {
  using form = openForm(job);
  const record = await fill(form, job, signal);
  writeFileSync(join(job.folder, layerFiles.record), JSON.stringify(record), { mode: 0o600 });
  if (job.isLasting) syncFileSystemOf(job.folder);
  form.dropPages();
  signal.throwIfAborted();
  renameSync(job.folder, job.target);
  if (job.isLasting) syncFolder(dirname(job.target));
  return record;
}

/** Makes all that was unpacked and taken in without a sync of its own outlive a power cut. */
export function settle({ folders, unneeded }: SettleJob): void {
  for (const folder of folders) syncFileSystemOf(folder);
  for (const path of unneeded) dropPagesOf(path);
}

async function fill(form: LayerForm, job: UnpackJob, signal: AbortSignal): Promise<LayerRecord> {
  const decoder = new TarDecoder(new BoundedSink(form.sink, job.source.size));
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const bytes of inflate(job.source)) {
    signal.throwIfAborted();
    hasher.update(bytes);
    form.keep(bytes);
    decoder.push(bytes);
  }
  decoder.finish();
  const found: Digest = `sha256:${hasher.digest("hex")}`;
  if (found !== job.diffId) throw fault("invalid", `wrong diff id calculated on extraction "${found}", expected "${job.diffId}"`);
  return form.finish();
}

function openForm(job: UnpackJob): LayerForm {
  if (job.form === "sealed") {
    mkdirSync(job.folder, { recursive: true, mode: 0o700 });
    return new SealedForm(job.folder, job.diffId);
  }
  const tree = join(job.folder, layerFiles.tree);
  mkdirSync(tree, { recursive: true, mode: 0o700 });
  return new TreeForm(tree);
}

/** It may be gone again. */
function dropPagesOf(path: string): void {
  try {
    const fd = openSync(path, constants.O_RDONLY);
    rooted.dropPages(fd);
    closeSync(fd);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function syncFileSystemOf(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    rooted.must(rooted.syncFileSystem(fd), "syncfs", path);
  } finally {
    closeSync(fd);
  }
}
