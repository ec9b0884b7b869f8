import { fault } from "#base";
import type { ContainerVerbs } from "#engine";

interface Parts {
  readonly find: (reference: string) => unknown;
}

/** Files of containers of the memory engine: each has one, /etc/motd, and takes all that it is given. */
export function memoryFileVerbs({ find }: Parts): Pick<ContainerVerbs, "lookAt" | "read" | "write" | "export" | "changes" | "commit"> {
  const status = (reference: string, path: string) => {
    find(reference);
    if (path !== "/etc/motd") throw fault("not-found", `Could not find the file ${path} in container ${reference}`);
    return { name: "motd", size: 5, mode: 0o104644, mtime: { seconds: 1_700_000_000, nanos: 120_000_000 }, linkTarget: "" };
  };
  return {
    lookAt: async (reference, path) => status(reference, path),
    read: async (reference, path) => ({ status: status(reference, path), bytes: pieces() }),
    write: async (reference, { extraction }) => {
      find(reference);
      for await (const _bytes of extraction.archive) continue;
    },
    export: (reference) => {
      find(reference);
      return pieces();
    },
    commit: async (reference) => {
      find(reference);
      return `sha256:${"c".repeat(64)}`;
    },
    changes: async (reference) => {
      find(reference);
      return [
        { path: "/etc", kind: "modified" },
        { path: "/etc/motd", kind: "added" },
        { path: "/tmp", kind: "deleted" },
      ];
    },
  };
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("hello");
}
