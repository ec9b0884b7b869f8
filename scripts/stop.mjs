// npm run stop: ends the daemon; its containers run on.
import { placeOf, stopDaemon } from "./setup/daemon.mjs";
import { requireRoot } from "./setup/host.mjs";

requireRoot("npm run stop");
const pid = await stopDaemon(placeOf(process.argv.slice(2)));
console.log(pid === undefined ? "no daemon runs" : `the daemon (pid ${pid}) has ended; containers run on`);
