export { type Container, type ContainerImage, type Owner } from "./container.ts";
export { type MountedRootfs, type RootAccess, type RootfsOptions, type RootfsStore, type UserLookup } from "./rootfs-store.ts";
export {
  type AdoptOptions,
  type BundleRequest,
  type ExecRequest,
  type MonitoredProcess,
  type OciCapabilities,
  type OciConfig,
  type OciDevice,
  type OciDeviceRule,
  type OciLinux,
  type OciMount,
  type OciNamespace,
  type OciProcess,
  type Runtime,
  type StartFailure,
} from "./runtime.ts";
export {
  type BindMount,
  type ContainerSpec,
  type HostSpec,
  type NetworkMode,
  type PortBinding,
  type Resources,
  type Ulimit,
} from "./spec.ts";
export { apply, isLive, type Change, type Exit, type State } from "./state.ts";
export { type Attachment, type OutputChunk, type TerminalSize } from "./streams.ts";
