import type { Scenario, Step } from "../scenario.ts";

const elsewhere = { os: "linux", architecture: "s390x" };
/** What nobody answers: no Docker is recorded beside a registry. */
const nobody = ["/*/id", "/*/error", "/*/errorDetail/message"];

function push(title: string, path: string, more: Partial<Step> = {}): Step {
  return { title, ask: `POST /images/${path}`, raw: "", reads: "lines", headers: { "X-Registry-Auth": "e30=" }, ...more };
}

/** Everything about a push that needs no registry to answer. */
export const pushing: Scenario = {
  name: "push",
  versions: ["1.51", "1.45", "1.24"],
  steps: [
    push("of a tag that is not here", "absent/push?tag=x"),
    push("of every tag of what is not here", "127.0.0.1:1/absent/push"),
    push("of a name with a tag", "127.0.0.1:1/absent:x/push"),
    push("of a tag that goes before the name's", "127.0.0.1:1/absent:x/push?tag=y"),
    push("of no tag", "absent/push?tag=a@b"),
    push("of no name", "UPPER/push"),
    push("of an id", "0123456789ab/push?tag=x"),
    { title: "tag", ask: "POST /images/busybox/tag?repo=127.0.0.1:1/table&tag=v1" },
    push("for another platform", `127.0.0.1:1/table/push?tag=v1&platform=${encodeURIComponent(JSON.stringify(elsewhere))}`, {
      shape: nobody,
    }),
    push("for no platform", "127.0.0.1:1/table/push?tag=v1&platform=x", { shape: nobody }),
    push("to nobody", "127.0.0.1:1/table/push?tag=v1", { shape: nobody }),
    push("to nobody as nobody", "127.0.0.1:1/table/push?tag=v1", { headers: {}, shape: nobody }),
    push("to nobody with credentials that are none", "127.0.0.1:1/table/push?tag=v1", {
      headers: { "X-Registry-Auth": "!!" },
      shape: nobody,
    }),
    { title: "untag", ask: "DELETE /images/127.0.0.1:1/table:v1" },
  ],
};
