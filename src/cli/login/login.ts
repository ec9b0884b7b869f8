import { messageOf } from "#base";
import { DaemonError } from "#client";
import type { Command, Invocation } from "../command.ts";
import { describeError } from "../describe-error.ts";
import { bool, text } from "../flag.ts";
import { isTerminal } from "../terminal.ts";
import { type Login, nobody } from "./credential-store.ts";
import { openCredentialStore } from "./open-store.ts";
import { environmentLogin, environmentWarning } from "./environment-logins.ts";
import { Prompt } from "./prompt.ts";
import { credentialKey, hubAddress } from "./server-address.ts";

export const loginCommand: Command = {
  synopsis: "[OPTIONS] [SERVER]",
  summary: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
  args: { min: 0, max: 1 },
  flags: [
    text("password", "Password or Personal Access Token (PAT)", { short: "p" }),
    bool("password-stdin", "Take the Password or Personal Access Token (PAT) from stdin"),
    text("username", "Username", { short: "u" }),
  ],
  run: login,
};

async function login(invocation: Invocation): Promise<number> {
  const { args, config, stdout, stderr } = invocation;
  const given = await givenLogin(invocation);
  if (process.env["DOCKER_AUTH_CONFIG"]) stderr.print(environmentWarning);
  const key = credentialKey(args[0] ?? "");
  const store = openCredentialStore(config, key, process.env);
  const known =
    environmentLogin(process.env["DOCKER_AUTH_CONFIG"], key, stderr) ??
    (given.username === "" ? await store.get(key).catch(() => nobody) : nobody);
  const taken = (await loginAgain(invocation, key, given, known)) ?? (await loginAnew(invocation, key, given, known.username));
  try {
    if (await store.save(key, taken.login)) stderr.print(unencrypted(config.path));
  } catch (error) {
    throw new Error(`Error saving credentials: ${messageOf(error)}`, { cause: error });
  }
  stdout.print(`${taken.status}\n`);
  return 0;
}

/** What the command line says, or stdin where that is asked for. */
async function givenLogin({ flags, stderr }: Invocation): Promise<Login> {
  const username = flags.text("username").trim();
  const isPiped = flags.bool("password-stdin");
  if (flags.changed("password") && isPiped) throw new Error("conflicting options: cannot specify both --password and --password-stdin");
  if (flags.changed("username") && username === "") throw new Error("username is empty");
  if (flags.changed("password") && flags.text("password") === "") throw new Error("password is empty");
  if (isPiped && username === "") throw new Error("the --password-stdin option requires --username to be set");
  if (flags.changed("password")) stderr.print("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
  const password = isPiped ? (await Bun.stdin.text()).replace(/\n$/, "").replace(/\r$/, "") : flags.text("password");
  return { ...nobody, username, password };
}

interface Taken {
  readonly login: Login;
  readonly status: string;
}

/** With what is known, when nothing else was given; undefined when there is nothing, or it is good no more. */
async function loginAgain(invocation: Invocation, key: string, given: Login, known: Login): Promise<Taken | undefined> {
  const { stderr, program } = invocation;
  if (given.username !== "" || given.password !== "") return undefined;
  if (known.identityToken === "" && (known.username === "" || known.password === "")) return undefined;
  const whose = known.username === "" ? "" : ` [Username: ${known.username}]`;
  stderr.print(
    `Authenticating with existing credentials...${whose}\n\n Info -> To login with a different account, run '${program} logout' followed by '${program} login'\n\n\n`,
  );
  try {
    return await showLogin(invocation, key, known);
  } catch (error) {
    if (error instanceof DaemonError && error.status === 401) stderr.print("Stored credentials invalid or expired\n");
    else stderr.print(`Login did not succeed, error: ${describeError(error, program)}\n`);
    return undefined;
  }
}

/** With what was given; what was not is asked for. */
async function loginAnew(invocation: Invocation, key: string, given: Login, proposed: string): Promise<Taken> {
  if (given.username !== "" && given.password !== "") return await showLogin(invocation, key, given);
  if (!isTerminal(0)) throw new Error("Error: Cannot perform an interactive login from a non TTY device");
  return await showLogin(invocation, key, await askLogin(invocation, key, given, proposed));
}

async function askLogin({ stdout }: Invocation, key: string, given: Login, proposed: string): Promise<Login> {
  using prompt = new Prompt(stdout);
  let { username, password } = given;
  if (username === "") {
    if (key === hubAddress)
      stdout.print("Log in with your Docker ID or email address. A Personal Access Token (PAT) can be used instead of a password.\n\n");
    username = (await prompt.ask(proposed === "" ? "Username: " : `Username (${proposed}): `)) || proposed;
    if (username === "") throw new Error("Error: Non-null Username Required");
  }
  if (password === "") {
    password = await prompt.askSecret("Password: ");
    if (password === "") throw new Error("Error: Password Required");
  }
  return { ...nobody, username, password };
}

/** Has the daemon ask the registry; a token that it gives takes the password's place. */
async function showLogin({ client }: Invocation, key: string, login: Login): Promise<Taken> {
  const { username, password, identityToken } = login;
  const reply = await client.system.login({
    username,
    password,
    serveraddress: key,
    ...(identityToken !== "" && { identitytoken: identityToken }),
  });
  const token = reply.IdentityToken ?? "";
  return { login: token === "" ? login : { ...login, password: "", identityToken: token }, status: reply.Status };
}

function unencrypted(path: string): string {
  return `
WARNING! Your credentials are stored unencrypted in '${path}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`;
}
