// Changes to an image's config as import and commit take them: lines of a Dockerfile.
import { fault } from "#base";
import { parseHealthCheck } from "./health-instruction.ts";
import type { ImageRuntimeConfig } from "./image.ts";
import { instructionText, instructionWords, listOf } from "./instruction-words.ts";

type Change = (config: ImageRuntimeConfig, text: string) => ImageRuntimeConfig;

/** The config after the changes, in their order. @throws invalid in Docker's words; unsupported for what images cannot say here yet */
export function applyChanges(config: ImageRuntimeConfig, lines: readonly string[]): ImageRuntimeConfig {
  const instructions = instructionsOf(lines);
  if (lines.length > 0 && instructions.length === 0) throw fault("invalid", "file with no instructions");
  const saysCommand = instructions.some(({ name }) => name === "CMD");
  let changed = config;
  for (const { name, rest } of instructions) {
    const change = changes[name];
    if (change === undefined) throw fault("invalid", `${name} is not a valid change command`);
    if (rest === "" && name !== "CMD" && name !== "ENTRYPOINT")
      throw fault("invalid", `${name} requires ${oneArgument.has(name) ? "exactly" : "at least"} one argument`);
    changed = change(changed, rest);
    // A command was for the entrypoint before.
    if (name === "ENTRYPOINT" && !saysCommand) changed = withoutCommand(changed);
  }
  return changed;
}

/** Lines that a backslash does not continue, without comments. */
function instructionsOf(lines: readonly string[]): readonly { readonly name: string; readonly rest: string }[] {
  const texts = lines
    .join("\n")
    .replaceAll(/\\[ \t]*\n/g, "")
    .split("\n");
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "" && !text.startsWith("#"))
    .map((text) => {
      const [word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(text)?.slice(1) ?? [];
      return { name: word.toUpperCase(), rest };
    });
}

function withoutCommand({ command: _command, ...config }: ImageRuntimeConfig): ImageRuntimeConfig {
  return config;
}

const oneArgument: ReadonlySet<string> = new Set(["USER", "WORKDIR", "STOPSIGNAL"]);

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, text) => ({ ...config, command: commandOf(text) }),
  ENTRYPOINT: (config, text) => ({ ...config, entrypoint: commandOf(text) }),
  ENV: (config, text) => {
    let { env } = config;
    for (const [name, value] of pairsOf("ENV", text, config.env)) {
      const index = env.findIndex((entry) => entry.startsWith(`${name}=`));
      env = index === -1 ? [...env, `${name}=${value}`] : env.with(index, `${name}=${value}`);
    }
    return { ...config, env };
  },
  LABEL: (config, text) => ({ ...config, labels: { ...config.labels, ...Object.fromEntries(pairsOf("LABEL", text, config.env)) } }),
  EXPOSE: (config, text) => ({ ...config, exposedPorts: joined(config.exposedPorts, instructionWords(text, config.env).flatMap(portsOf)) }),
  HEALTHCHECK: (config, text) => ({ ...config, healthcheck: parseHealthCheck(text) }),
  ONBUILD: (config, text) => ({ ...config, onBuild: [...(config.onBuild ?? []), triggerOf(text)] }),
  VOLUME: (config, text) => ({ ...config, volumes: joined(config.volumes, volumesOf(text, config.env)) }),
  USER: (config, text) => ({ ...config, user: instructionText(text, config.env) }),
  WORKDIR: (config, text) => ({ ...config, workingDir: resolved(config.workingDir, instructionText(text, config.env)) }),
  STOPSIGNAL: (config, text) => ({ ...config, stopSignal: instructionText(text, config.env) }),
};

function volumesOf(text: string, env: readonly string[]): readonly string[] {
  const volumes = listOf(text) ?? instructionWords(text, env);
  if (volumes.length === 0) throw fault("invalid", "VOLUME requires at least one argument");
  return volumes;
}

function triggerOf(text: string): string {
  const name = (text.split(/\s/, 1)[0] ?? "").toUpperCase();
  if (name === "ONBUILD") throw fault("invalid", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === "FROM" || name === "MAINTAINER") throw fault("invalid", `${name} isn't allowed as an ONBUILD trigger`);
  return text;
}

/** A list in JSON, or a line for the shell. */
function commandOf(text: string): readonly string[] {
  return listOf(text) ?? (text === "" ? [] : ["/bin/sh", "-c", text]);
}

/** "a=b c=d", or the old form "a b" for one. */
function pairsOf(name: string, text: string, env: readonly string[]): readonly (readonly [string, string])[] {
  const old = /^([^\s=]+)\s+(.*)$/s.exec(text);
  if (old !== null) return [[old[1] ?? "", instructionText(old[2] ?? "", env)]];
  return instructionWords(text, env).map((word) => {
    const equals = word.indexOf("=");
    if (equals === -1 && text === word) throw fault("invalid", `${name} must have two arguments`);
    if (equals === -1) throw fault("invalid", `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    if (equals === 0) throw fault("invalid", `${name} names can not be blank`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

/** "80", "80/udp", "80-82/tcp". */
function portsOf(word: string): readonly string[] {
  const [, first = "", last = first, protocol = "tcp"] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || to < from || to > 65_535) throw fault("invalid", `Invalid containerPort: ${word}`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

function joined(before: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])];
}

/** A relative folder lies below the one before. */
function resolved(before: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${before}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
