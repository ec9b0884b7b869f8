// Ordinary work through testcontainers; prints one line of JSON.
import { createRequire } from "node:module";

const { GenericContainer, Wait } = createRequire(process.env.CLIENTS)("testcontainers");
const container = await new GenericContainer("busybox")
  .withCommand(["sh", "-c", "echo ready; exec sleep 60"])
  .withEnvironment({ GREETING: "hello" })
  .withLabels({ by: "testcontainers" })
  .withWaitStrategy(Wait.forLogMessage("ready"))
  .start();
const { exitCode, stdout, stderr } = await container.exec(["sh", "-c", "echo $GREETING; echo err >&2; exit 4"]);
await container.restart({ timeout: 1 });
const again = await container.exec(["echo", "again"]);
await container.stop({ timeout: 1 });
console.log(JSON.stringify({ exitCode, stdout, stderr, again: again.stdout }));
