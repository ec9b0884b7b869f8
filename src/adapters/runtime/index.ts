export { readMachineFacts } from "./machine-facts.ts";
export { chooseRuntime, openRuntime, type OpenedRuntime, type RuntimeOptions } from "./open-runtime.ts";
