// A store thread's side: jobs of several kinds at once, each a small object by its id. Bytes of blobs are written in the order of arrival; an unpack
// gives way to them between two pieces of its layer.
import { EngineError, type Fault, messageOf } from "#base";
import { hasCode, KernelError } from "#linux";
import { blobDifference } from "./blob-difference.ts";
import { IngestFile } from "./ingest-file.ts";
import { sealedDifference } from "./sealed/sealed-difference.ts";
import type { StoreReply, StoreRequest, UnpackJob, VerifyJob } from "./store-message.ts";
import { treeDifference } from "./tree-difference.ts";
import { settle, unpackLayer } from "./unpack-layer.ts";

declare const self: Worker;

const ingests = new Map<number, IngestFile>();
const unpacks = new Map<number, AbortController>();

/** Makes the current thread a store thread. */
export function serveStore(): void {
  self.addEventListener("message", (event: MessageEvent<StoreRequest>) => {
    const request = event.data;
    try {
      take(request);
    } catch (error) {
      endIngest(request.id);
      reply(failureOf(request.id, error));
    }
  });
}

function take(request: StoreRequest): void {
  const { id } = request;
  switch (request.type) {
    case "unpack":
      void unpack(id, request.job);
      return;
    case "verify":
      reply({ type: "verified", id, difference: verify(request.job) });
      return;
    case "settle":
      settle(request.job);
      reply({ type: "settled", id });
      return;
    case "ingest":
      ingests.set(id, new IngestFile(request.job));
      return;
    case "bytes": {
      const file = ingests.get(id);
      if (file === undefined) return;
      file.push(request.bytes);
      reply({ type: "taken", id, bytes: file.size });
      return;
    }
    case "end": {
      const file = ingests.get(id);
      if (file === undefined) return;
      file.seal();
      endIngest(id);
      reply({ type: "ingested", id });
      return;
    }
    case "cancel":
      unpacks.get(id)?.abort();
      if (ingests.has(id)) {
        endIngest(id);
        reply({ type: "failed", id, fault: "internal", message: "context canceled" });
      }
  }
}

function verify(job: VerifyJob): string | undefined {
  if (job.what === "blob") return blobDifference(job.path, job.digest);
  return job.what === "trees" ? treeDifference(job.tree, job.model) : sealedDifference(job);
}

function endIngest(id: number): void {
  const file = ingests.get(id);
  ingests.delete(id);
  file?.[Symbol.dispose]();
}

async function unpack(id: number, job: UnpackJob): Promise<void> {
  const controller = new AbortController();
  unpacks.set(id, controller);
  try {
    reply({ type: "unpacked", id, record: await unpackLayer(job, controller.signal) });
  } catch (error) {
    reply(failureOf(id, error));
  } finally {
    unpacks.delete(id);
  }
}

function reply(message: StoreReply): void {
  self.postMessage(message);
}

// What the content of an archive can make the kernel say; anything else is this machine's fault.
const archiveCodes = ["ENAMETOOLONG", "ENOTDIR", "EISDIR", "ELOOP", "EEXIST", "ENOENT", "EFBIG", "EINVAL", "EMLINK", "E2BIG", "ERANGE"];

function failureOf(id: number, error: unknown): StoreReply {
  return { type: "failed", id, fault: faultOf(error), message: messageOf(error) };
}

function faultOf(error: unknown): Fault {
  if (error instanceof EngineError) return error.fault;
  return error instanceof KernelError && hasCode(error, ...archiveCodes) ? "invalid" : "internal";
}
