import { setDefaultTimeout } from "bun:test";
import { runtimeContract } from "./runtime.ts";

// An orphan's exit is known when the machine's first process has reaped it.
setDefaultTimeout(30_000);

runtimeContract("crun");
runtimeContract("runc");
