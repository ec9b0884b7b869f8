export { checkAnnotations } from "./annotations.ts";
export { type AppArmor, appArmorProfileOf, usualAppArmorProfile, usualAppArmorText } from "./app-armor.ts";
export { type BindSources, type OpenedSource, type SourceAppearance, type SourceMount } from "./bind-sources.ts";
export { capabilitiesOfMask, capabilityNames, defaultCapabilities, planCapabilities } from "./capabilities.ts";
export { injectDevices, nodePaths, resolveDevices } from "./cdi-devices.ts";
export { type CdiEdits, type CdiSpec, parseCdiSpec } from "./cdi-spec.ts";
export { cgroupPathOf, checkCgroupParent } from "./cgroup-path.ts";
export { noQuota, writableSize } from "./storage-options.ts";
export {
  type ContainerFiles,
  type ExtractOptions,
  type FileChange,
  type PathArchive,
  type PathStatus,
  type RootfsLayers,
  type ShownSource,
  type TreeAccess,
} from "./container-files.ts";
export { type DeviceRequest, namedDevices } from "./device-request.ts";
export { type DeviceSpecFile, type DeviceSpecs } from "./device-specs.ts";
export { type Container, type ContainerImage, type HeldImage, imagesOf, type Owner } from "./container.ts";
export { exposedPortsOf, portsToPublish } from "./exposed-ports.ts";
export { withDefaults, type ContainerDefaults } from "./defaults.ts";
export { endpointSpecsOf, type EndpointSpec } from "./endpoint-specs.ts";
export { argumentsOf, commandPartsOf, effectiveConfig, environmentOf, networkNameOf } from "./effective.ts";
export { type MachineFacts } from "./machine.ts";
export { maskedPaths, readonlyPaths } from "./masked-paths.ts";
export { refuseBelowProc, targetsOf, usualShmSize, type EngineFiles, type MountFacts } from "./mount-plan.ts";
export { planOciConfig, type JoinedNamespaces, type OciPlanOptions, type UserSpace } from "./oci-plan.ts";
export { hostnameOf, planExecProcess, workingDirOf, type ExecPlanOptions, type PlannedContainer } from "./process-plan.ts";
export {
  type MountedRootfs,
  type OpenedImage,
  type RootAccess,
  type RootfsOptions,
  type RootfsStore,
  type UserLookup,
} from "./rootfs-store.ts";
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
export { parseDeviceRule } from "./devices.ts";
export { type HostDevices } from "./host-devices.ts";
export { afterProbe, beginningHealth, type Health, healthCheckOf, type HealthPlan, type HealthResult, planHealth } from "./health.ts";
export { changeLimits } from "./limit-change.ts";
export { type FoundDevices, liftedLimits, type LiftedLimit, limitsOf, planLimits } from "./limit-plan.ts";
export { checkLimits } from "./limits.ts";
export { type MachineLimits } from "./machine-limits.ts";
export { type OciLimits } from "./oci-resources.ts";
export { type BlockLimits, type DeviceLimit, type Resources } from "./resources.ts";
export { type ProcessLister } from "./process-lister.ts";
export { parseSeccompProfile, readSeccompProfile, type SeccompProfile } from "./seccomp-profile.ts";
export { planSeccomp, type OciSeccomp } from "./seccomp.ts";
export { parseSecurityOptions, shownSecurityOptions } from "./security-options.ts";
export { parseSignal } from "./signals.ts";
export {
  type BindMount,
  type BindOwner,
  type ContainerSpec,
  type DeviceMapping,
  type HostSpec,
  type ImageMount,
  type IpcMode,
  type LogSpec,
  type NameLookup,
  type NetworkMode,
  type PidMode,
  type PortBinding,
  type TmpfsMount,
  type Ulimit,
  type VolumeMount,
} from "./spec.ts";
export { restartDelay, restartsAfter, startsWithDaemon, type RestartPolicy } from "./restart.ts";
export { checkSpaces, checkUserSpace, otherContainerOf } from "./spaces.ts";
export { apply, isActive, isLive, isUp, shownStatus, type Change, type Exit, type State } from "./state.ts";
export { type Attachment, type OutputChunk, type TerminalSize } from "./streams.ts";
export { checkSysctls } from "./sysctls.ts";
export { limitWarnings, planUlimits } from "./ulimits.ts";
export { type BlockCounter, type BlockUsage, type CpuUsage, type MemoryUsage, type Meter, type Usage } from "./usage.ts";
