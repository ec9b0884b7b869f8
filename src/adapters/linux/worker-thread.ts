const compiledRoot = "/$bunfs/root/";

/** True inside `dist/gantry`, where sources are entries of an embedded file system. */
export function isCompiled(): boolean {
  return import.meta.url.includes(compiledRoot) || import.meta.path.startsWith(compiledRoot);
}

/**
 * Starts a file of `adapters/workers` as a thread, from source or from inside the compiled executable.
 * The file must be named as an entry point in `scripts/build.ts`: one that is not never answers, without a word.
 */
export function startWorker(name: string): Worker {
  const file = isCompiled() ? `${compiledRoot}adapters/workers/${name}.js` : new URL(`../workers/${name}.ts`, import.meta.url).href;
  const worker = new Worker(file);
  worker.unref();
  return worker;
}
