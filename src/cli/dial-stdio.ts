import { Connection } from "#client";
import type { Command, Invocation } from "./command.ts";

/** What `ssh://` hosts run at the other end: our stdin and stdout become a connection to the daemon. */
export const dialStdioCommand: Command = {
  synopsis: "",
  summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
  args: { min: 0, max: 0 },
  flags: [],
  run: dialStdio,
};

async function dialStdio(invocation: Invocation): Promise<number> {
  const { client, stdout } = invocation;
  // The first request starts a daemon that is not there, as it does for every command.
  await client.system.ping();
  const connection = await Connection.open(client.transport.endpoint);
  // The daemon may close its side first: what we could not send is then nobody's.
  pumpInput(connection).catch(() => undefined);
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) await stdout.write(chunk);
  connection.close();
  return 0;
}

async function pumpInput(connection: Connection): Promise<void> {
  for await (const chunk of Bun.stdin.stream()) await connection.write(chunk);
  connection.endWrite();
}
