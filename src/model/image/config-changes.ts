// Changes to an image's config as import and commit take them: lines of a Dockerfile.
import { fault } from "#base";
import type { ImageRuntimeConfig } from "./image.ts";
import { instructionText, instructionWords } from "./instruction-words.ts";

type Change = (config: ImageRuntimeConfig, text: string) => ImageRuntimeConfig;

/** The config after the changes, in their order. @throws invalid in Docker's words; unsupported for what images cannot say here yet */
export function applyChanges(config: ImageRuntimeConfig, lines: readonly string[]): ImageRuntimeConfig {
  let changed = config;
  for (const line of lines.flatMap((change) => change.split("\n")).map((text) => text.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const [word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(line)?.slice(1) ?? [];
    const name = word.toUpperCase();
    if (["HEALTHCHECK", "ONBUILD"].includes(name)) throw fault("unsupported", `the change ${name} is not implemented`);
    const change = changes[name];
    if (change === undefined) throw fault("invalid", `${name} is not a valid change command`);
    if (rest === "" && name !== "CMD" && name !== "ENTRYPOINT")
      throw fault("invalid", `${name} requires ${needed[name] ?? "exactly"} one argument`);
    changed = change(changed, rest);
  }
  return changed;
}

const needed: Readonly<Record<string, string>> = { ENV: "at least", LABEL: "at least", EXPOSE: "at least", VOLUME: "at least" };

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
  VOLUME: (config, text) => ({ ...config, volumes: joined(config.volumes, listOf(text) ?? instructionWords(text, config.env)) }),
  USER: (config, text) => ({ ...config, user: instructionText(text, config.env) }),
  WORKDIR: (config, text) => ({ ...config, workingDir: resolved(config.workingDir, instructionText(text, config.env)) }),
  STOPSIGNAL: (config, text) => ({ ...config, stopSignal: instructionText(text, config.env) }),
};

/** A list in JSON, or a line for the shell. */
function commandOf(text: string): readonly string[] {
  return listOf(text) ?? (text === "" ? [] : ["/bin/sh", "-c", text]);
}

function listOf(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((entry): entry is string => typeof entry === "string") ? list : undefined;
  } catch {
    return undefined;
  }
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
