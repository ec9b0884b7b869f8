/** A version of Docker's REST API, compared by its numbers. */
export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
  /** As the client wrote it. */
  readonly text: string;
}

/** Reads "1.41"; further parts count for nothing, as in "1.41.0". */
export function parseApiVersion(text: string): ApiVersion {
  const [major = "", minor = ""] = text.split(".");
  return { major: Number(major), minor: Number(minor), text };
}

export function isBelow(version: ApiVersion, other: ApiVersion): boolean {
  return version.major === other.major ? version.minor < other.minor : version.major < other.major;
}

/** The newest version that is spoken; replies are built at it. A request without a version gets it, as with Docker. */
export const newestVersion = parseApiVersion("1.51");
export const oldestVersion = parseApiVersion("1.24");

/** Why a version is not spoken, in Docker's words; undefined when it is. */
export function refusalOf(version: ApiVersion, oldest = oldestVersion): string | undefined {
  if (isBelow(version, oldest))
    return `client version ${version.text} is too old. Minimum supported API version is ${oldest.text}, please upgrade your client to a newer version`;
  if (isBelow(newestVersion, version) || Number.isNaN(version.minor + version.major))
    return `client version ${version.text} is too new. Maximum supported API version is ${newestVersion.text}`;
  return undefined;
}
