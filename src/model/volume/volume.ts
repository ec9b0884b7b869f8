import { fault, type Instant } from "#base";

/** A folder of data that outlives the containers that see it. */
export interface Volume {
  readonly name: string;
  readonly created: Instant;
  /** Absent when nobody gave any: the wire tells that from none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is mounted there while it is used: `type`, `device`, `o`. Absent for a plain folder. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What was asked of a volume that is to be there. */
export type VolumeRequest = Omit<Volume, "created">;

const anonymousLabel = "com.docker.volume.anonymous";

/** Labels of a volume that nobody named. */
export const anonymousLabels: Readonly<Record<string, string>> = { [anonymousLabel]: "" };

/** True for a volume that nobody named. */
export function isAnonymous({ labels }: Volume): boolean {
  return labels !== undefined && Object.hasOwn(labels, anonymousLabel);
}

/** @throws invalid in Docker's words */
export function checkVolumeName(name: string): void {
  const wrong = (reason: string): Error => fault("invalid", `create ${name}: ${reason}`);
  if (name.length === 1) throw wrong("volume name is too short, names should be at least two alphanumeric characters");
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw wrong(
      `${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  if (name.length > 255) throw wrong("volume name is too long, a folder of that name cannot be made");
}

/** Docker's rules for `--opt` of its local driver. @throws invalid in Docker's words */
export function checkVolumeOptions(name: string, options: Readonly<Record<string, string>> = {}): void {
  const wrong = (reason: string): Error => fault("invalid", `create ${name}: ${reason}`);
  // A size needs project quotas, which no file system gives us yet.
  for (const key of Object.keys(options)) {
    if (key === "size")
      throw wrong(
        /^\d+(?:\.\d+)? ?[kmgtp]?i?b?$/i.test(options[key] ?? "")
          ? "quota size requested but no quota support"
          : `invalid size: '${options[key] ?? ""}'`,
      );
    if (!["type", "o", "device"].includes(key)) throw wrong(`invalid option: ${JSON.stringify(key)}`);
  }
  if (Object.keys(options).length === 0) return;
  for (const key of ["device", "type"]) if ((options[key] ?? "") === "") throw wrong(`missing required option: ${JSON.stringify(key)}`);
}
