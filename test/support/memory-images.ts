import { createHash } from "node:crypto";
import { fault, isDigest, now, type Digest } from "#base";
import type { ImageVerbs, ImageView, Progress } from "#engine";
import { formatFamiliar, formatReference, parseReference, withDefaultTag, type Image } from "#image";

/** The images of a memory engine: names and configurations without a layer below them. */
export class MemoryImages {
  readonly #images = new Map<string, ImageView>();

  get size(): number {
    return this.#images.size;
  }

  /** Puts an image without layers under a name. */
  add(name: string, command: readonly string[]): Digest {
    const id: Digest = `sha256:${createHash("sha256").update(name).digest("hex")}`;
    const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: id, size: 405 };
    const runtime = { user: "", env: ["PATH=/bin"], command, workingDir: "", labels: {}, exposedPorts: [], volumes: [] };
    const manifest = {
      descriptor,
      configDigest: id,
      platform: { os: "linux", architecture: "amd64" },
      created: "2026-11-21T08:00:00Z",
      runtime,
      diffIds: [],
      history: [],
      layers: [],
      contentSize: 1000,
      unpackedSize: 2000,
    };
    const reference = withDefaultTag(parseReference(name));
    const digests = [formatReference({ domain: reference.domain, path: reference.path, digest: id })];
    const image: Image = { id, target: descriptor, manifests: [manifest], tags: [formatReference(reference)], digests, taggedAt: now() };
    this.#images.set(id, { image, manifest, containers: 0, history: [], layerDriver: "directory" });
    return id;
  }

  find(reference: string): ImageView {
    const byId = isDigest(reference) ? this.#images.get(reference) : undefined;
    if (byId !== undefined) return byId;
    const name = formatReference(withDefaultTag(parseReference(reference)));
    const found = [...this.#images.values()].find((view) => view.image.tags.includes(name));
    if (found === undefined) throw fault("not-found", `No such image: ${formatFamiliar(withDefaultTag(parseReference(reference)))}`);
    return found;
  }

  verbs(): ImageVerbs {
    return {
      list: (filters) => {
        const wanted = filters.reference?.map((name) => formatReference(withDefaultTag(parseReference(name))));
        return [...this.#images.values()].filter((view) => wanted === undefined || view.image.tags.some((tag) => wanted.includes(tag)));
      },
      get: (reference) => this.find(reference),
      entries: async (reference) => [this.find(reference).image.target],
      history: async (reference) => ({ image: this.find(reference).image, steps: [] }),
      tag: async (reference, { repository, tag }) => {
        const view = this.find(reference);
        const tags = [...view.image.tags, formatReference({ ...parseReference(repository), tag })];
        this.#images.set(view.image.id, { ...view, image: { ...view.image, tags } });
      },
      remove: async (reference) => {
        const view = this.find(reference);
        this.#images.delete(view.image.id);
        return [{ untagged: reference }, { deleted: view.image.id }];
      },
      prune: async () => ({ removed: [], reclaimed: 0 }),
      storedBytes: async () => 3405,
      distribution: async (reference) => ({ descriptor: this.find(reference).image.target, bytes: new Uint8Array(), platforms: [] }),
      publishIndex: async (reference) => this.find(reference).image.id,
      search: async (term) => [{ name: term, description: "", stars: 1, official: false }],
      save: (names) => this.#save(names),
      import: async (_tree, { name }) => this.add(name === undefined ? "imported" : formatFamiliar(name), []),
      importFrom: (url) => this.#importFrom(url),
      load: (archive) => this.#load(archive),
      pull: (reference) => this.#pull(reference),
      push: (reference) => this.#push(reference),
    };
  }

  async *#importFrom(url: string): AsyncIterable<Progress> {
    if (url === "") throw fault("internal", 'Get "http:": http: no Host in request URL');
    yield { status: `Downloading from ${url}` };
    yield { status: this.add("imported", []) };
  }

  /** An archive of this engine is the text "image NAME". */
  async *#load(archive: ReadableStream<Uint8Array>): AsyncIterable<Progress> {
    const text = await new Response(archive).text();
    const name = /^image (\S+)$/.exec(text)?.[1];
    if (name === undefined) throw fault("invalid", "unrecognized image format");
    this.add(name, ["true"]);
    yield { id: "0123456789ab", status: "Loading layer", current: 5, total: 10 };
    yield { stream: `Loaded image: ${name}\n` };
  }

  /** The same text, for one image. */
  async *#save(names: readonly string[]): AsyncIterable<Uint8Array> {
    for (const name of names) this.find(name);
    yield new TextEncoder().encode(`image ${names[0] ?? ""}`);
  }

  async *#push(reference: string): AsyncIterable<Progress> {
    yield { status: "The push refers to repository [x]" };
    const { image } = this.find(reference);
    yield { status: "Pushing", id: "0123456789ab", current: 5, total: 10 };
    yield { status: "Pushed", id: "0123456789ab" };
    yield { status: `latest: digest: ${image.id} size: 405` };
  }

  /** There is no registry here: what is not here cannot be pulled, and what breaks breaks in the middle. */
  async *#pull(reference: string): AsyncIterable<Progress> {
    const { image } = this.find(reference);
    yield { status: "Pulling from library/x", id: "latest" };
    yield { status: "Pulling fs layer", id: "0123456789ab" };
    if (reference.includes("broken")) throw fault("unavailable", "the connection broke");
    yield { status: `Digest: ${image.id}` };
  }
}
