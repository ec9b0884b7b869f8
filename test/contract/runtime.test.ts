import { runtimeContract } from "./runtime.ts";

runtimeContract("crun");
runtimeContract("runc");
