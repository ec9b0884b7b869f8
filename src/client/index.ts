export {
  BrokenReplyError,
  ConflictError,
  DaemonError,
  DeniedError,
  InvalidRequestError,
  NotFoundError,
  UnavailableError,
  UnreachableError,
  UnsupportedError,
} from "./client-error.ts";
export { type AttachOptions, ContainerCalls, type LogOptions, type StopOptions, type WaitCondition } from "./container-calls.ts";
export { Connection } from "./connection.ts";
export { type ClientOptions, type DockerCalls, DockerClient } from "./docker-client.ts";
export { type Endpoint, parseEndpoint, type TlsSettings } from "./endpoint.ts";
export { ExecCalls, type ExecConfig } from "./exec-calls.ts";
export { encodeFilters, type Filters } from "./filters.ts";
export { ImageCalls } from "./image-calls.ts";
export { jsonLines, textLines } from "./json-lines.ts";
export {
  type ContainerReply,
  type ContainerSummary,
  type CreatedReply,
  type EventReply,
  type ExecReply,
  type HistoryReply,
  type ManifestSummary,
  type ManifestReply,
  type SearchReply,
  type ImageSummary,
  type NetworkReply,
  type CheckReply,
  type InfoReply,
  type MountReply,
  type PathStatReply,
  type PortReply,
  type PrunedReply,
  type ProgressLine,
  type RemovedImage,
  type StatsReply,
  type TopReply,
  type CacheUsage,
  type UsageReply,
  type VersionReply,
  type VolumeReply,
  type WaitReply,
} from "./replies.ts";
export { type AuthConfig, encodeRegistryAuth } from "./registry-auth.ts";
export { splitFrames, type StreamPiece } from "./stream-frames.ts";
export { type PrunedKind, SystemCalls } from "./system-calls.ts";
export { type ApiReply, type ApiRequest, type HijackedStream, newestApiVersion, Transport } from "./transport.ts";
