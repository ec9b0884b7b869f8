import { printingProgram } from "./elf.ts";
import { imageArchive } from "./image-archive.ts";

export const greeting = `
Hello from Gantry: this container works.

What just happened:
 1. The command line asked the daemon for a container of the image "hello-world".
 2. The daemon stacked a writable layer on the image and gave the container its own
    namespaces, cgroup, network interface and address.
 3. The OCI runtime started this program in it, 1 kB without a single library.
 4. A monitor carried its output to you, and will tell the daemon how it ended.

Next, something to look around in:
 docker pull busybox && docker run -it --rm busybox
`;

/** The archive of hello-world:latest for amd64 and arm64. */
export function helloWorldArchive(): Uint8Array<ArrayBuffer> {
  const tree = (architecture: "amd64" | "arm64") =>
    [{ path: "hello", type: "file", mode: 0o755, bytes: printingProgram(architecture, greeting) }] as const;
  const image = {
    name: "hello-world:latest",
    config: { Cmd: ["/hello"], Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/" },
    created: "2026-01-02T00:00:00Z",
    createdBy: "COPY hello / # scripts/images/hello-world.ts",
    trees: { amd64: tree("amd64"), arm64: tree("arm64") },
  };
  return imageArchive(image, process.arch === "arm64" ? "arm64" : "amd64");
}
