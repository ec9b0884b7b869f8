// Programs that keep credentials: `docker-credential-NAME get|store|erase`, one question on stdin, one answer on stdout.
import { accessSync, constants } from "node:fs";
import { isAbsolute, join } from "node:path";
import { messageOf } from "#base";
import type { ConfigFile } from "../config-file.ts";
import { type CredentialStore, type Login, nobody } from "./credential-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A name that says that the secret is an identity token. */
const tokenName = "<token>";
/** Milliseconds; a program that asks its user something may take a while. */
const patience = 120_000;

/** Credentials that a program keeps. config.json only names the registries. */
export class ProgramStore implements CredentialStore {
  readonly #program: string;
  readonly #config: ConfigFile;
  readonly #env: Environment;

  constructor(name: string, config: ConfigFile, env: Environment) {
    this.#program = `docker-credential-${name}`;
    this.#config = config;
    this.#env = env;
  }

  async get(key: string): Promise<Login> {
    const { code, output } = await this.#ask("get", key).catch((error: unknown) => {
      throw new Error(`error getting credentials - err: ${messageOf(error)}, out: \`\``, { cause: error });
    });
    if (code !== 0 && output.startsWith("credentials not found in native keychain")) return nobody;
    if (code !== 0) throw new Error(`error getting credentials - err: exit status ${code}, out: \`${output}\``);
    return this.#decode(output);
  }

  async save(key: string, { username, password, identityToken }: Login): Promise<boolean> {
    const secret = identityToken === "" ? { Username: username, Secret: password } : { Username: tokenName, Secret: identityToken };
    await this.#change("storing", "store", JSON.stringify({ ServerURL: key, ...secret }));
    if (!(key in this.#config.objects("auths"))) this.#config.saveMember("auths", key, {});
    return false;
  }

  async erase(key: string): Promise<void> {
    await this.#change("erasing", "erase", key);
    if (key in this.#config.objects("auths")) this.#config.saveMember("auths", key, undefined);
  }

  async #change(doing: string, action: "store" | "erase", input: string): Promise<void> {
    const { code, output } = await this.#ask(action, input).catch((error: unknown) => {
      throw new Error(`error ${doing} credentials - err: ${messageOf(error)}, out: \`\``, { cause: error });
    });
    if (code !== 0) throw new Error(`error ${doing} credentials - err: exit status ${code}, out: \`${output}\``);
  }

  #decode(output: string): Login {
    const { Username: username, Secret: secret } = JSON.parse(output) as { readonly Username?: unknown; readonly Secret?: unknown };
    if (typeof username !== "string" || typeof secret !== "string") throw new Error(`${this.#program} gave no credentials`);
    return username === tokenName ? { ...nobody, identityToken: secret } : { ...nobody, username, password: secret };
  }

  async #ask(action: string, input: string): Promise<{ readonly code: number; readonly output: string }> {
    const child = Bun.spawn([findProgram(this.#program, this.#env), action], {
      stdin: new TextEncoder().encode(input),
      stdout: "pipe",
      stderr: "inherit",
      timeout: patience,
    });
    const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    return { code, output: output.trim() };
  }
}

/** Only folders with whole paths count: whoever owns the current one must not be given a password. @throws Error in Go's words */
function findProgram(program: string, env: Environment): string {
  const folders = program.includes("/") ? [] : (env["PATH"] ?? "").split(":").filter((folder) => isAbsolute(folder));
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`exec: ${JSON.stringify(program)}: executable file not found in $PATH`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
