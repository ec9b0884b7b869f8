export { formatInstant, neverHappened, now, parseInstant, type Instant } from "./clock.ts";
export { hexOf, isDigest, parseDigest, type Digest } from "./digest.ts";
export { EngineError, fault, isFault, messageOf, type Fault } from "./fault.ts";
export { newId, shortId } from "./id.ts";
export { type LogFields, type Logger } from "./logger.ts";
export { type Place } from "./place.ts";
export { product } from "./product.ts";
export { type Durability, type Table } from "./table.ts";
export { formatSize } from "./units.ts";
