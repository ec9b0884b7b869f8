export { formatInstant, neverHappened, now, parseInstant, type Instant } from "./clock.ts";
export { type Compression, compressionOf, longestMagic } from "./compression.ts";
export { hexOf, isDigest, parseDigest, type Digest } from "./digest.ts";
export { EngineError, fault, isFault, messageOf, type Fault } from "./fault.ts";
export { durationSeconds, parseMoment } from "./moment.ts";
export { newId, shortId } from "./id.ts";
export { matchesLabel } from "./label.ts";
export { type LogFields, type Logger } from "./logger.ts";
export { type Place } from "./place.ts";
export { product } from "./product.ts";
export { streamOf } from "./stream-of.ts";
export { type Durability, type Table } from "./table.ts";
export { formatSize } from "./units.ts";
export {
  checkIdRanges,
  formatIdMap,
  type IdRange,
  lastId,
  mappedRoot,
  type Owner,
  parseIdMap,
  toContainerId,
  toHostId,
  type UserMapping,
} from "./user-mapping.ts";
