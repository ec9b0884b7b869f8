export { DeviceSpecFolders } from "./device-spec-folders.ts";
export { HostProcessLister } from "./host-process-lister.ts";
export { openAppArmor } from "./app-armor.ts";
export { readMachineFacts } from "./machine-facts.ts";
export { chooseRuntime, openRuntime, type OpenedRuntime, type RuntimeOptions } from "./open-runtime.ts";
