export { freeBridgeCidr } from "./bridge.ts";
export { type BridgeSettings } from "./bridge-settings.ts";
export { type FabricOptions, openFabric, type OwnedFabric } from "./linux-fabric.ts";
