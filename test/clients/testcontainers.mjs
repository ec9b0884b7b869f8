// Ordinary work through testcontainers, with a restart of the daemon in the middle; prints one line of JSON.
import { createRequire } from "node:module";
import { restartDaemon } from "./restart.mjs";

const { GenericContainer, Wait } = createRequire(process.env.CLIENTS)("testcontainers");
const container = await new GenericContainer("busybox")
  .withCommand(["sh", "-c", "echo ready; hostname >/tmp/page; exec httpd -f -p 8080 -h /tmp"])
  .withExposedPorts(8080)
  .withHostname("page")
  .withEnvironment({ GREETING: "hello" })
  .withLabels({ by: "testcontainers" })
  .withCopyContentToContainer([{ content: "copied", target: "/copied/in/file", mode: 0o640 }])
  .withWaitStrategy(Wait.forAll([Wait.forLogMessage("ready"), Wait.forListeningPorts()]))
  .start();
const page = async () => await (await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/page`)).text();
const { exitCode, stdout, stderr } = await container.exec(["sh", "-c", "echo $GREETING; echo err >&2; exit 4"]);
const result = { exitCode, stdout, stderr, page: await page(), port: container.getMappedPort(8080) > 1023 };
await restartDaemon();
result.kept = await page();
await container.restart({ timeout: 1 });
result.again = (await container.exec(["echo", "again"])).stdout;
const logs = await container.logs();
// Its streams do not keep the process alive.
const alive = setInterval(() => {}, 1000);
result.log = await new Promise((resolve, reject) => logs.once("data", (chunk) => resolve(String(chunk))).once("error", reject));
logs.destroy();
clearInterval(alive);
result.copied = (await container.exec(["sh", "-c", "cat /copied/in/file; stat -c ' %a' /copied/in/file"])).stdout;
await container.stop({ timeout: 1 });
console.log(JSON.stringify(result));
