import { expect, test } from "bun:test";
import { closeFd } from "./descriptor.ts";
import { peerCredentials } from "./peer-credentials.ts";
import { socketPair } from "./unix-socket.ts";

test("peerCredentials() names the process at the other end", () => {
  const [ours, theirs] = socketPair();
  try {
    expect(peerCredentials(ours)).toEqual({ pid: process.pid, uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 });
  } finally {
    closeFd(ours);
    closeFd(theirs);
  }
  expect(() => peerCredentials(ours)).toThrow("EBADF");
});
