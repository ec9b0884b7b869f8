import { readFileSync } from "node:fs";

type Environment = Readonly<Record<string, string | undefined>>;

/** Values of `-e` after those of `--env-file`: NAME alone takes the value of our own environment, or is left out where there is none. */
export function resolveEnv(files: readonly string[], values: readonly string[], env: Environment): string[] {
  const lines = files.flatMap((file) => linesOf(file));
  return [...lines, ...values].flatMap((entry) => {
    if (entry.includes("=")) return [entry];
    const value = env[entry];
    return value === undefined ? [] : [`${entry}=${value}`];
  });
}

/** Checks one value of `-e`. @throws Error in Docker's words */
export function checkEnv(value: string): void {
  if (value === "" || value.startsWith("=")) throw new Error(`invalid environment variable: ${value}`);
}

function linesOf(file: string): string[] {
  const lines = readText(file)
    .replace(/^\ufeff/, "")
    .split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const entry = line.trimStart();
    if (entry === "" || entry.startsWith("#")) return [];
    const name = entry.split("=", 1)[0] ?? "";
    if (name === "") throw new Error(`invalid env file (${file}): no variable name on line '${entry}'`);
    if (/\s/.test(name)) throw new Error(`invalid env file (${file}): variable '${name}' contains whitespaces on line ${index + 1}`);
    return [entry];
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const described = describeOpenError(file, error);
    throw new Error(described.startsWith("read ") ? `invalid env file (${file}): ${described}` : described, { cause: error });
  }
}

/** "open /x: no such file or directory", as Go words it. */
export function describeOpenError(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "is a directory",
    ENOTDIR: "not a directory",
  };
  const reason = typeof code === "string" ? (reasons[code] ?? code) : String(error);
  return code === "EISDIR" ? `read ${file}: ${reason}` : `open ${file}: ${reason}`;
}
