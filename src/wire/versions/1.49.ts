import { within, without, type ReplyBody, type VersionChange } from "./change.ts";

const commits = ["ContainerdCommit", "RuncCommit", "InitCommit"];

/** 1.49: info names the firewall backend and no longer the commit that was expected. */
export const change149: VersionChange = {
  version: "1.49",
  replies: { info: (info) => commits.reduce(withExpected, without("FirewallBackend")(info)) },
};

function withExpected(info: ReplyBody, name: string): ReplyBody {
  return within(info, name, (commit) => (commit["ID"] === "" ? commit : { ...commit, Expected: commit["ID"] }));
}
