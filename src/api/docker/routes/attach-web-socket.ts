import { knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { DetachWatch, parseDetachKeys } from "../detach-keys.ts";
import { shakeHands, WebSocketTalk } from "../web-socket.ts";
import { converse, replayLogs } from "./streams.ts";

export const webSocketRoutes: Handlers<"containerAttachWebSocket"> = { containerAttachWebSocket: attach };

/** As attach, in frames: what goes out is never told apart by stream. */
async function attach(call: Call<"containerAttachWebSocket">): Promise<void> {
  const { exchange, params, query, verbs, version } = call;
  const name = params["name"] ?? "";
  const keys = parseDetachKeys(query.detachKeys, (text) => `Invalid detach keys (${text}) provided`);
  const { spec } = verbs.containers.get(name).container;
  // Older clients name their streams too, and get all of them.
  const streams = knows(version, "streamsOfWebSocket") ? query : { stdin: true, stdout: true, stderr: true };
  const answer = shakeHands((header) => exchange.header(header));
  if (answer.kind === "refused") {
    exchange.text(400, answer.reason);
    return;
  }
  const attached = query.stream ? await verbs.containers.attach(name) : undefined;
  await using held = attached?.attachment;
  const talk = new WebSocketTalk(exchange.switchTo(answer.headers), { text: !knows(version, "binaryFrames") });
  const { stdout, stderr } = streams;
  await replayLogs({ exchange, params, verbs, query: { logs: query.logs, stdout, stderr } }, talk.sink, { raw: true });
  if (held === undefined || attached === undefined) {
    talk.end();
    return;
  }
  await converse(talk, held, {
    raw: true,
    closesStdin: spec.stdinOnce && !spec.tty,
    stdin: streams.stdin && spec.openStdin,
    stdout,
    stderr,
    ...(spec.tty && { detach: { watch: new DetachWatch(keys), left: attached.detached } }),
  });
}
