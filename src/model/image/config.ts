import { type Digest, fault, isDigest } from "#base";
import type { Platform } from "./descriptor.ts";
import type { HealthCheck, HistoryEntry, ImageRuntimeConfig } from "./image.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "./json-document.ts";

/** Bytes of the largest image config that is read. */
export const maxConfigSize = 8 * 1024 * 1024;

/** What an image config says (OCI image spec, config.md), as far as the engine uses it. */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created?: string;
  readonly author?: string;
  readonly runtime: ImageRuntimeConfig;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
}

/** Reads the config of a container image. Absent and null fields take the spec's defaults. @throws invalid naming the field */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  if (bytes.length > maxConfigSize) throw fault("invalid", `image config is larger than ${maxConfigSize} bytes`);
  const document = parseJsonObject(bytes, "image config");
  const created = text(document, "created");
  const author = text(document, "author");
  const variant = text(document, "variant");
  return {
    platform: {
      os: text(document, "os") ?? "linux",
      architecture: text(document, "architecture") ?? "",
      ...(variant !== undefined && { variant }),
    },
    ...(created !== undefined && { created }),
    ...(author !== undefined && { author }),
    runtime: readRuntime(object(document, "config") ?? {}),
    diffIds: readDiffIds(document),
    history: list(document, "history").map(readHistory),
  };
}

function readRuntime(config: JsonObject): ImageRuntimeConfig {
  const entrypoint = texts(config, "Entrypoint");
  const command = texts(config, "Cmd");
  const stopSignal = text(config, "StopSignal");
  const healthcheck = readHealthCheck(object(config, "Healthcheck"));
  const onBuild = texts(config, "OnBuild");
  const shell = texts(config, "Shell");
  return {
    user: text(config, "User") ?? "",
    env: texts(config, "Env") ?? [],
    ...(entrypoint !== undefined && { entrypoint }),
    ...(command !== undefined && { command }),
    workingDir: text(config, "WorkingDir") ?? "",
    labels: readLabels(config),
    exposedPorts: Object.keys(object(config, "ExposedPorts") ?? {}),
    volumes: Object.keys(object(config, "Volumes") ?? {}),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(healthcheck !== undefined && { healthcheck }),
    ...(onBuild !== undefined && onBuild.length > 0 && { onBuild }),
    ...(shell !== undefined && shell.length > 0 && { shell }),
  };
}

function readHealthCheck(document: JsonObject | undefined): HealthCheck | undefined {
  if (document === undefined) return undefined;
  const test = texts(document, "Test");
  const interval = number(document, "Interval");
  const timeout = number(document, "Timeout");
  const startPeriod = number(document, "StartPeriod");
  const startInterval = number(document, "StartInterval");
  const retries = number(document, "Retries");
  return {
    ...(test !== undefined && { test }),
    ...(interval !== undefined && { interval }),
    ...(timeout !== undefined && { timeout }),
    ...(startPeriod !== undefined && { startPeriod }),
    ...(startInterval !== undefined && { startInterval }),
    ...(retries !== undefined && { retries }),
  };
}

function readLabels(config: JsonObject): Readonly<Record<string, string>> {
  const labels = object(config, "Labels") ?? {};
  for (const key of Object.keys(labels)) text(labels, key);
  return labels as Readonly<Record<string, string>>;
}

function readDiffIds(document: JsonObject): readonly Digest[] {
  return list(object(document, "rootfs") ?? {}, "diff_ids").map((diffId) => {
    if (typeof diffId !== "string" || !isDigest(diffId))
      throw fault("invalid", "image config field rootfs.diff_ids holds something other than digests");
    return diffId;
  });
}

function readHistory(value: unknown): HistoryEntry {
  if (!isJsonObject(value)) throw fault("invalid", "image config field history holds something other than objects");
  const created = text(value, "created");
  const createdBy = text(value, "created_by");
  const author = text(value, "author");
  const comment = text(value, "comment");
  return {
    ...(created !== undefined && { created }),
    ...(createdBy !== undefined && { createdBy }),
    ...(author !== undefined && { author }),
    ...(comment !== undefined && { comment }),
    emptyLayer: value["empty_layer"] === true,
  };
}

function text(document: JsonObject, field: string): string | undefined {
  const value = document[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw fault("invalid", `image config field ${field} is not a string`);
  return value;
}

function number(document: JsonObject, field: string): number | undefined {
  const value = document[field];
  if (value === undefined || value === null || value === 0) return undefined;
  if (!Number.isInteger(value)) throw fault("invalid", `image config field ${field} is not a whole number`);
  return Number(value);
}

function texts(document: JsonObject, field: string): readonly string[] | undefined {
  const value = document[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string"))
    throw fault("invalid", `image config field ${field} is not a list of strings`);
  return value;
}

function list(document: JsonObject, field: string): readonly unknown[] {
  const value = document[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw fault("invalid", `image config field ${field} is not a list`);
  return value;
}

function object(document: JsonObject, field: string): JsonObject | undefined {
  const value = document[field];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw fault("invalid", `image config field ${field} is not an object`);
  return value;
}
