export { connect, type ConnectOptions } from "./connect.ts";
export { Container, type LogOptions, type StopOptions } from "./container.ts";
export { type ContainerOptions, type CreateBody } from "./container-options.ts";
export { Engine } from "./engine.ts";
export { type EventOptions } from "./event-stream.ts";
export { type LogEntry } from "./log-entries.ts";
export { type Pull, type PullOptions, type PullProgress, type PullResult, type RegistryAuth } from "./pull.ts";
export { type InputStream, type Output, Session } from "./session.ts";
export {
  BrokenReplyError,
  ConflictError,
  type ContainerReply,
  type ContainerSummary,
  DaemonError,
  DeniedError,
  type EventReply,
  type ImageSummary,
  type InfoReply,
  InvalidRequestError,
  NotFoundError,
  type RemovedImage,
  type StatsReply,
  textLines,
  UnavailableError,
  UnreachableError,
  UnsupportedError,
  type VersionReply,
} from "#client";
