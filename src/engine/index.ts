export { type Policy, type Subject } from "./access/allow.ts";
export { type Caller } from "./access/caller.ts";
export { type AuditEntry, guardVerbs } from "./access/guard.ts";
export { bindVerbs } from "./bind.ts";
export { LiveContainers } from "./containers/live.ts";
export { type ContainerNeeds } from "./containers/needs.ts";
export { Restarts } from "./containers/restarts.ts";
export { Roster } from "./containers/roster.ts";
export { type ContainerRow } from "./containers/row.ts";
export { Sandboxes, type SandboxRow } from "./containers/sandboxes.ts";
export { openImages, type Images } from "./images/images.ts";
export { type ImageUser } from "./images/needs.ts";
export { type LayerBlobRow } from "./images/layer-blobs.ts";
export { type ImageRow } from "./images/row.ts";
export {
  type ImageFilters,
  type ImageHistory,
  type ImagePruneResult,
  type ImageVerbs,
  type ImageView,
  type Progress,
  type Removed,
} from "./images/verbs.ts";
export { HealthChecks } from "./health/health-checks.ts";
export { type NetworkDefaults } from "./networks/create.ts";
export { filterNetworks } from "./networks/verbs.ts";
export { Networks, type NetworkRow } from "./networks/networks.ts";
export { resumeContainers } from "./supervise/resume.ts";
export { diskUsage } from "./system/disk-usage.ts";
export { EventHub } from "./system/event-hub.ts";
export { type LostRow, LostRows, lostRowName } from "./system/lost-rows.ts";
export { LogKeeper } from "./supervise/rotate-logs.ts";
export { type ChangingFacts, type FixedFacts } from "./system/info.ts";
export {
  type AttachedContainer,
  type CheckReport,
  type ContainerFilters,
  type ContainerSize,
  type ContainerVerbs,
  type ContainerView,
  type ContainerPruneResult,
  type DiskUsage,
  type EngineInfo,
  type EventSpan,
  type ExecSpec,
  type ExecVerbs,
  type ExecView,
  type ListedContainer,
  type ListQuery,
  type NetworkFilters,
  type NetworkPlace,
  type NetworkRequest,
  type NetworkVerbs,
  type NetworkView,
  type PortRange,
  type ProcessTable,
  type Reading,
  type PruneFilters,
  type SystemVerbs,
  type Verbs,
  type WaitCondition,
  type WaitResult,
} from "./verbs.ts";
export { VolumeCatalog } from "./volumes/catalog.ts";
export { type VolumeRow } from "./volumes/row.ts";
export { type VolumeFilters, type VolumeUsage, type VolumeVerbs, type VolumeView } from "./volumes/verbs.ts";
