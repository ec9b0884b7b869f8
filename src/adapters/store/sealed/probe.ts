// What this machine can mount is found out by mounting: a kernel's version says nothing of its configuration, of what lies below the data
// root, or of the namespace that we are in.
import { messageOf } from "#base";
import { hasCode, type KernelPort, type SealedMethod } from "#linux";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { layerRoot, layOutIndex } from "./layer-index.ts";
import { impliedAttributes } from "./layer-node.ts";
import { LayerNames } from "./layer-names.ts";
import { sealedFiles } from "./sealed-form.ts";

export interface ProbeResult {
  /** The first way that works. */
  readonly method: SealedMethod | undefined;
  /** Why the others do not, a sentence each. */
  readonly refusals: readonly string[];
}

const text = "sealed layers can be read here";
const blockSize = 512;
const name = "probe";

/**
 * Tries the methods in their order on a layer of one file that is kept in `folder`, where layers lie, so that a start on a full disk has it too.
 */
export async function probeSealed(folder: string, kernel: KernelPort, methods: readonly SealedMethod[]): Promise<ProbeResult> {
  const [index, archive] = [join(folder, sealedFiles.index), join(folder, sealedFiles.archive)];
  const attempt = (): Promise<ProbeResult> => kernel.run("probeSealed", { index, archive, path: `${layerRoot}/${name}`, text }, methods);
  const found = await attempt();
  if (found.method !== undefined) return found;
  // There was none yet, or a power cut has torn it.
  try {
    await writeProbe(folder, { index, archive });
  } catch (error) {
    if (!hasCode(error, "ENOSPC", "EDQUOT")) throw error;
    return { method: undefined, refusals: [`there is no room to try: ${messageOf(error)}`] };
  }
  return await attempt();
}

async function writeProbe(folder: string, { index, archive }: { readonly index: string; readonly archive: string }): Promise<void> {
  // Behind an odd number of blocks, as files in a tar lie.
  const content = new Uint8Array(4 * blockSize);
  content.set(new TextEncoder().encode(text), blockSize);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(archive, content);
  await writeFile(index, probeIndex(content.length));
}

function probeIndex(size: number): Uint8Array {
  const names = new LayerNames();
  names.put(names.root, name, { type: "file", attributes: impliedAttributes, size: text.length, content: blockSize });
  return layOutIndex(names.root, { size, uuid: new TextEncoder().encode("gantry's probe  ") }).bytes;
}
