// What lies in a volume, as a whole: copied into another one, read as an archive, written from one.
import { fault } from "#base";
import { isLive } from "#container";
import { isAnonymous, type Volume } from "#volume";
import type { VolumeNeeds } from "./bind.ts";

/** Another volume with the same labels and content; what is written meanwhile may be in it or not. @throws not-found; conflict when there is one of that name */
export async function cloneVolume({ volumes, ...needs }: VolumeNeeds, name: string, to: string): Promise<Volume> {
  const source = volumes.find(name);
  const labels = isAnonymous(source) ? undefined : source.labels;
  await using content = await openContent({ volumes, ...needs }, source);
  return await volumes.makeFilled({ name: to, ...(labels !== undefined && { labels }) }, async (folder) => {
    await volumes.store.copy(content.path, folder);
    // A removal meanwhile takes the files away one by one.
    if (volumes.get(name) !== source) throw fault("conflict", `clone ${name}: the volume was removed meanwhile`);
  });
}

/** The volume's content as a tar, from its folder on. @throws not-found */
export async function exportVolume(needs: VolumeNeeds, name: string): Promise<AsyncIterable<Uint8Array>> {
  await using held = new AsyncDisposableStack();
  const content = held.use(await openContent(needs, needs.volumes.find(name)));
  const bytes = await needs.files.readFolder(content.path);
  return until(bytes, held.move());
}

async function* until(bytes: AsyncIterable<Uint8Array>, content: AsyncDisposable): AsyncGenerator<Uint8Array> {
  await using _held = content;
  yield* bytes;
}

/** Fills a volume that is empty from a tar, or makes one: all of it appears at once, or nothing. @throws conflict when it is not empty, or in use */
export async function importVolume({ volumes, files }: VolumeNeeds, name: string, archive: AsyncIterable<Uint8Array>): Promise<Volume> {
  const write = (folder: string): Promise<void> => files.fillFolder(folder, archive);
  return await (volumes.get(name) === undefined ? volumes.makeFilled({ name }, write) : volumes.fill(name, write));
}

/** The folder with what is mounted over it, which stays so for as long as this is held. */
async function openContent(
  { volumes, roster }: VolumeNeeds,
  { name, options }: Volume,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = volumes.store.path(name);
  if (options === undefined) return { path, [Symbol.asyncDispose]: async () => undefined };
  await volumes.locked(name, () => volumes.store.mountDevice(name, options));
  const close = async (): Promise<void> => {
    const users = volumes.users().get(name) ?? [];
    const isUsed = users.some((id) => {
      const state = roster.get(id)?.state;
      return state !== undefined && isLive(state);
    });
    if (!isUsed) await volumes.store.unmountDevice(name);
  };
  return { path, [Symbol.asyncDispose]: () => volumes.locked(name, close) };
}
