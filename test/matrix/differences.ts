// Where a container of ours is known to differ from Docker's, and why. One that is not met any more fails the matrix.
import type { MatrixCase } from "./cases.ts";
import type { FactDifference, Facts } from "./facts.ts";

export interface KnownDifference {
  /** What differs and why, as docs/compat.md says it. */
  readonly says: string;
  /** Which facts; how the client ended, where it is absent. */
  readonly fact?: RegExp;
  /** Only in cases that say this flag. */
  readonly flag?: string;
  /** Only where our value is such. */
  readonly ours?: RegExp;
  /** Only where our client ended with such words. */
  readonly weSay?: RegExp;
  /** Only where Docker's client ended with such words. */
  readonly dockerSays?: RegExp;
  /** Nobody means it: it is to be mended, or waits for what is not there yet. */
  readonly open?: true;
}

const outcome = /^(?:exit|kept|stderr)$/;
const notThere = (flag: string, weSay: RegExp, says: string): KnownDifference => ({ says, flag, weSay, open: true });

export const knownDifferences: readonly KnownDifference[] = [
  {
    says: "The runtime is crun where the machine has it; `--default-runtime` and `--runtime` choose another.",
    fact: /^inspect\/HostConfig\/Runtime$/,
    ours: /^crun$/,
  },
  {
    says: "crun mounts over masked and read-only paths with other options than runc, makes `/dev/core`, and does not allow `/dev/net/tun` unless it is asked for.",
    fact: /^(?:device\/\/dev\/core|mount\/\/(?:sys|sys\/fs\/cgroup|sys\/firmware|proc\/.*)|groups\/devices\/devices\.list)$/,
  },
  {
    says: "crun gives the container's own `/dev/null` to the user of the process, and mounts `/dev/console` without `nosuid` and `noexec`.",
    fact: /^(?:device\/\/dev\/null|mount\/\/dev\/console)$/,
  },
  {
    says: "What crun says of a start that fails is its own; words around it are Docker's.",
    fact: /^(?:stderr|inspect\/State\/Error)$/,
    ours: /OCI runtime create failed/,
    dockerSays: /OCI runtime create failed/,
  },
  {
    says: "A container has 16,384 processes at most where `--pids-limit` says nothing; Docker has no bound.",
    fact: /^groups\/pids\/pids\.max$/,
    ours: /^16384$/,
  },
  {
    says: "`--storage-opt size` is honoured where the file system has project quotas, and refused elsewhere; Docker's containerd store drops it and says nothing.",
    flag: "storage-opt",
    weSay: /--storage-opt is supported only|Unknown option/,
  },
  {
    says: "A volume driver that nobody has is found out for `-v` and `--mount`, and not for the image's own volumes.",
    flag: "volume-driver",
    dockerSays: /Unable to find image/,
    open: true,
  },
  {
    says: "Control groups lie under a parent named by the daemon's exec root and not under `/docker`, so several daemons live side by side.",
    fact: /^cgroup$/,
  },
  {
    says: "A pull asks a registry for a manifest at once (GET) and not for its existence first (HEAD).",
    fact: /^stderr$/,
    ours: /failed to do request: Get /,
  },
  {
    says: "`--detach-keys` that are none are answered with what is wrong; Docker's client says only that it could not upgrade to tcp.",
    fact: /^stderr$/,
    flag: "detach-keys",
    ours: /Invalid detach keys/,
  },
  {
    says: "`--disable-content-trust=false` is refused, since no image is signed or verified; Docker asks a notary server.",
    fact: /^stderr$/,
    flag: "disable-content-trust",
    ours: /content trust is not supported/,
  },
  {
    says: "`--use-api-socket` brings in the socket that the client talks to, wherever it lies, and not always `/var/run/docker.sock`.",
    flag: "use-api-socket",
    dockerSays: /bind source path does not exist: \/var\/run\/docker.sock/,
  },
  {
    says: "Volumes are private mounts, where Docker's are slaves: what the host mounts below a volume later is not seen inside.",
    fact: /^mount\/\/(?:declared|a|b|shared)$/,
    open: true,
  },
  {
    says: "An anonymous volume of `--mount` is not marked as such in `HostConfig.Mounts`.",
    fact: /^inspect\/HostConfig\/Mounts$/,
    open: true,
  },
  {
    says: "Help does not list `--help`, and knows `--kernel-memory` without listing it.",
    fact: /^stdout$/,
    flag: "help",
  },
  {
    says: "With `--network host` a container has a hosts file of its own, where Docker copies the host's.",
    fact: /^hosts$/,
    flag: "network",
    open: true,
  },
  notThere("link", /Links is not implemented/, "`--link` is not there yet."),
  notThere("link-local-ip", /LinkLocalIPs is not implemented/, "`--link-local-ip` is not there yet."),
];

/** Both sides' facts tell how the clients ended. */
interface Sides {
  readonly docker: Facts;
  readonly ours: Facts;
}

export function explain({ options }: Pick<MatrixCase, "options">, difference: FactDifference, sides: Sides): KnownDifference | undefined {
  return knownDifferences.find(
    ({ fact = outcome, flag, ours, weSay, dockerSays }) =>
      fact.test(difference.fact) &&
      (flag === undefined || options.some((option) => option.flag === flag)) &&
      (ours?.test(difference.ours ?? "") ?? true) &&
      (weSay?.test(sides.ours["stderr"] ?? "") ?? true) &&
      (dockerSays?.test(sides.docker["stderr"] ?? "") ?? true),
  );
}
