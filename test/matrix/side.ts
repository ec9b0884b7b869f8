// An engine that the matrix is played on: ours or a real Docker, each with its own client.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { busyboxWith } from "../../scripts/images/busybox-image.ts";
import { succeed } from "../support/command.ts";
import { projectRoot } from "../support/tools.ts";

export interface Side {
  /** The client's program. */
  readonly client: string;
  readonly socket: string;
  readonly pidFile: string;
  /** Folder in /run that the engine finds under the same path; what containers are given lies in there. */
  readonly work: string;
  /** Stands in the names of control groups. */
  readonly token: string;
}

const repository = "127.0.0.1:1/matrix";
/** Of a registry where nobody listens, so that whatever pulls fails at once and the same everywhere. */
export const matrixImage = `${repository}:latest`;
const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Brings the image, the files and the container that others share things with. */
export async function furnish(side: Side): Promise<void> {
  mkdirSync(join(side.work, "folder"), { recursive: true });
  const files = {
    "folder/word": "of the host\n",
    variables: "FROM_FILE=1\n# no\nFROM_IMAGE=file\n",
    "more-variables": "MORE=a b\n",
    labels: "from.file=1\n",
    "more-labels": "more=a b\n",
    "profile.json": JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW" }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(side.work, name), text);
  const bytes = readFileSync(join(import.meta.dir, "probe.sh"));
  const archive = await busyboxWith(join(projectRoot, ".cache"), {
    name: "matrix:latest",
    config: {
      Cmd: ["probe"],
      Env: [path, "FROM_IMAGE=1"],
      Labels: { "of.image": "1" },
      ExposedPorts: { "7/tcp": {} },
      Volumes: { "/declared": {} },
      StopSignal: "SIGTERM",
    },
    entries: [
      { path: "bin/probe", type: "file", mode: 0o755, bytes },
      { path: "declared", type: "directory" },
      { path: "declared/word", type: "file", bytes: new TextEncoder().encode("of the image\n") },
    ],
  });
  const reply = await fetch("http://localhost/images/load", { unix: side.socket, method: "POST", body: archive });
  const text = await reply.text();
  if (!reply.ok || text.includes('"error"')) throw new Error(`load: ${text}`);
  const tag = await fetch(`http://localhost/images/matrix:latest/tag?repo=${repository}&tag=latest`, { unix: side.socket, method: "POST" });
  if (!tag.ok) throw new Error(`tag: ${await tag.text()}`);
  const keeper = ["run", "-d", "--name", "keeper", "--ipc", "shareable", "-v", "/shared", matrixImage, "sleep", "3600"];
  await succeed([side.client, ...keeper], { env: clientEnv(side) });
}

export function clientEnv(side: Side): Readonly<Record<string, string>> {
  return { DOCKER_HOST: `unix://${side.socket}`, DOCKER_CONFIG: join(side.work, "client"), FROM_IMAGE: "of the client" };
}
