import { shortId } from "#base";
import { type Container, endpointSpecsOf, healthCheckOf } from "#container";
import { encodeHealthCheck } from "#image";

/** What a container runs when nothing else is said: its own words where it has them, else its image's. */
export interface Effective {
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
}

/** Docker's rule: an entrypoint of one's own leaves the image's command out. */
export function effectiveCommand(container: Container): Effective {
  const { spec, image } = container;
  const ownEntrypoint = spec.entrypoint !== undefined && spec.entrypoint.length > 0;
  const ownCommand = spec.command !== undefined && spec.command.length > 0;
  const command = ownCommand || ownEntrypoint ? spec.command : image.config.command;
  const entrypoint = spec.entrypoint ?? image.config.entrypoint;
  return { entrypoint: entrypoint ?? null, command: command ?? null };
}

/** The program and its arguments, as inspect tells them. */
export function argumentsOf(container: Container): readonly string[] {
  const { entrypoint, command } = effectiveCommand(container);
  // One empty word is how a client says "no entrypoint".
  const own = entrypoint?.length === 1 && entrypoint[0] === "" ? [] : (entrypoint ?? []);
  return [...own, ...(command ?? [])];
}

/** Config of an inspect reply: the container's own words over its image's. */
export function configView(container: Container): Readonly<Record<string, unknown>> {
  const { spec, image } = container;
  const { entrypoint, command } = effectiveCommand(container);
  const exposed = [...new Set([...spec.exposedPorts, ...image.config.exposedPorts])];
  const volumes = [...new Set([...(spec.volumePaths ?? []), ...image.config.volumes])];
  const stopSignal = spec.stopSignal ?? image.config.stopSignal;
  const healthcheck = healthCheckOf(spec, image);
  // Docker tells the first network's here too, for clients that know no other place.
  const mac = endpointSpecsOf(spec.host)[0]?.mac;
  return {
    Hostname: spec.hostname === "" ? shortId(container.id) : spec.hostname,
    Domainname: spec.domainname,
    User: spec.user === "" ? image.config.user : spec.user,
    AttachStdin: spec.attachStdin,
    AttachStdout: spec.attachStdout,
    AttachStderr: spec.attachStderr,
    ...(exposed.length > 0 && { ExposedPorts: emptyObjects(exposed) }),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: spec.stdinOnce,
    Env: nullIfEmpty(mergeEnv(spec.env, image.config.env)),
    Cmd: command,
    Image: spec.image,
    Volumes: volumes.length > 0 ? emptyObjects(volumes) : null,
    WorkingDir: spec.workingDir ?? image.config.workingDir,
    Entrypoint: entrypoint,
    ...(mac !== undefined && { MacAddress: mac }),
    OnBuild: null,
    Labels: { ...image.config.labels, ...spec.labels },
    ...(healthcheck !== undefined && { Healthcheck: encodeHealthCheck(healthcheck) }),
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
    ...(spec.stopTimeout !== undefined && { StopTimeout: spec.stopTimeout }),
  };
}

/** `[]` as Go writes an empty slice that was never made. */
export function nullIfEmpty<Item>(items: readonly Item[]): readonly Item[] | null {
  return items.length === 0 ? null : items;
}

export function emptyObjects(keys: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function mergeEnv(own: readonly string[], images: readonly string[]): readonly string[] {
  const names = new Set(own.map(nameOf));
  return [...own, ...images.filter((entry) => !names.has(nameOf(entry)))];
}

function nameOf(entry: string): string {
  const equals = entry.indexOf("=");
  return equals === -1 ? entry : entry.slice(0, equals);
}
