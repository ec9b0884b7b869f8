import type { Digest } from "#base";
import type { ContentStore } from "#image";
import { describe, expect, test } from "bun:test";
import { sha256 } from "../support/archive.ts";

/** A store that is empty at first; disposing it throws it away. */
export interface OpenContentStore extends AsyncDisposable {
  readonly store: ContentStore;
  /** Bytes that lie anywhere in the store, by whatever name. */
  stored(): Promise<readonly Uint8Array[]>;
  /** Puts other bytes where those of a blob lie. */
  spoil(digest: Digest, bytes: Uint8Array): Promise<void>;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function streamOf(...pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new Blob(pieces.map((piece) => new Uint8Array(piece))).stream();
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise.then(() => "no failure");
  } catch (error) {
    return error;
  }
}

/** Every promise of the port. */
export function contentStoreContract(name: string, open: () => Promise<OpenContentStore>): void {
  describe(`${name} as a ContentStore`, () => {
    const hello = bytesOf("hello");
    const digest = sha256(hello);

    test("ingest() makes a blob visible to all readers", async () => {
      await using place = await open();
      await place.store.ingest({ digest, size: 5 }, streamOf(hello));
      expect(await place.store.stat(digest)).toBe(5);
      expect(await place.store.read(digest, 5)).toEqual(hello);
      expect(await Bun.file(await place.store.path(digest)).text()).toBe("hello");
      expect(await new Response(await place.store.open(digest)).text()).toBe("hello");
      expect(await place.store.list()).toEqual([digest]);
    });

    test("ingest() takes an empty blob, and one of unknown size", async () => {
      await using place = await open();
      const empty = sha256(new Uint8Array(0));
      await place.store.ingest({ digest: empty, size: 0 }, streamOf());
      await place.store.ingest({ digest }, streamOf(hello));
      expect(await place.store.stat(empty)).toBe(0);
      expect(await place.store.stat(digest)).toBe(5);
    });

    test("ingest() tells its progress", async () => {
      await using place = await open();
      const seen: number[] = [];
      const bytes = new Uint8Array(10_000_000).fill(7);
      await place.store.ingest({ digest: sha256(bytes), size: bytes.length }, streamOf(bytes), { onProgress: (taken) => seen.push(taken) });
      expect(seen.at(-1)).toBe(bytes.length);
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
    });

    test.each([
      ["another digest", { digest: sha256(bytesOf("other")), size: 5 }],
      ["fewer bytes than expected", { digest, size: 6 }],
      ["more bytes than expected", { digest, size: 4 }],
    ])("ingest() of %s leaves nothing behind", async (_, expected) => {
      await using place = await open();
      expect(await failure(place.store.ingest(expected, streamOf(hello)))).toMatchObject({ fault: "invalid" });
      expect(await place.store.list()).toEqual([]);
      expect(await place.stored()).toEqual([]);
    });

    test("ingest() of a stream that breaks throws its error and leaves nothing behind", async () => {
      await using place = await open();
      const broken = new ReadableStream<Uint8Array>({
        pull(controller): void {
          if (controller.desiredSize === 0) return;
          controller.enqueue(hello);
          controller.error(new Error("the network is gone"));
        },
      });
      expect(await failure(place.store.ingest({ digest, size: 50 }, broken))).toMatchObject({ message: "the network is gone" });
      expect(await place.stored()).toEqual([]);
    });

    test("ingest() that is aborted rejects with the reason and leaves nothing behind", async () => {
      await using place = await open();
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      const endless = new ReadableStream<Uint8Array>({
        pull(stream): void {
          stream.enqueue(new Uint8Array(hello));
        },
      });
      const onProgress = (taken: number): void => {
        if (taken > 100) controller.abort(reason);
      };
      expect(await failure(place.store.ingest({ digest }, endless, { signal: controller.signal, onProgress }))).toBe(reason);
      expect(await place.stored()).toEqual([]);
    });

    test("ingest() that waits for bytes ends when it is aborted", async () => {
      await using place = await open();
      const controller = new AbortController();
      const cancelled = Promise.withResolvers<void>();
      const silent = new ReadableStream<Uint8Array>({
        start: (stream) => stream.enqueue(new Uint8Array(hello)),
        cancel: () => cancelled.resolve(),
      });
      const ingest = failure(place.store.ingest({ digest }, silent, { signal: controller.signal, onProgress: () => controller.abort() }));
      expect(await ingest).toMatchObject({ name: "AbortError" });
      await cancelled.promise;
      expect(await place.stored()).toEqual([]);
    });

    test("ingest() of a blob that is here cancels the stream unread", async () => {
      await using place = await open();
      await place.store.ingest({ digest, size: 5 }, streamOf(hello));
      const cancelled = Promise.withResolvers<void>();
      const unread = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
      await place.store.ingest({ digest, size: 5 }, unread);
      await cancelled.promise;
    });

    test("ingest() of one blob eight times at once leaves one", async () => {
      await using place = await open();
      const bytes = new Uint8Array(1_000_000).fill(1);
      const expected = { digest: sha256(bytes), size: bytes.length };
      await Promise.all(Array.from({ length: 8 }, () => place.store.ingest(expected, streamOf(bytes))));
      expect(await place.store.list()).toEqual([expected.digest]);
      expect(await place.stored()).toHaveLength(1);
    });

    test("read() refuses a blob above the limit", async () => {
      await using place = await open();
      await place.store.ingest({ digest }, streamOf(hello));
      expect(await failure(place.store.read(digest, 4))).toMatchObject({ fault: "invalid" });
    });

    test("verify() tells a blob that is whole from one that is spoilt (I08)", async () => {
      await using place = await open();
      await place.store.ingest({ digest }, streamOf(hello));
      expect(await place.store.verify(digest)).toBeUndefined();
      await place.spoil(digest, new TextEncoder().encode("hellp"));
      expect(await place.store.verify(digest)).toStartWith("its bytes are those of sha256:");
      await place.spoil(digest, new Uint8Array());
      expect(await place.store.verify(digest)).toStartWith("its bytes are those of sha256:e3b0");
      await place.store.remove(digest);
      expect(await place.store.verify(digest)).toBe("it is not there");
    });

    test("remove() is idempotent, and a removed blob is not found", async () => {
      await using place = await open();
      await place.store.ingest({ digest }, streamOf(hello));
      await place.store.remove(digest);
      await place.store.remove(digest);
      expect(await place.store.stat(digest)).toBeUndefined();
      expect(await place.store.list()).toEqual([]);
      expect(await failure(place.store.read(digest, 5))).toMatchObject({ fault: "not-found" });
      expect(await failure(place.store.path(digest))).toMatchObject({ fault: "not-found" });
    });

    test("an id is never a path (A05)", async () => {
      await using place = await open();
      for (const id of ["sha256:../../x", `sha256:${"A".repeat(64)}`, "..", `sha256:${"a".repeat(63)}/`, "../x.json"]) {
        const bad = id as typeof digest;
        const uses = [
          place.store.stat(bad),
          place.store.read(bad, 1),
          place.store.path(bad),
          place.store.remove(bad),
          place.store.ingest({ digest: bad }, streamOf(hello)),
        ];
        for (const use of uses) expect(await failure(use)).toMatchObject({ fault: "invalid" });
      }
      expect(await place.stored()).toEqual([]);
    });
  });
}
