export { authConfig } from "./auth-request.ts";
export { absentRoutes, experimentalRoutes, swarmRoutes } from "./absent-routes.ts";
export {
  commitRequest,
  type CommitBody,
  createRequest,
  hostConfig,
  type CreateRequest,
  type EndpointRequest,
  type HostConfigRequest,
  type MountRequest,
  type DeviceMappingRequest,
  type ResourcesRequest,
  updateRequest,
  type UpdateRequest,
} from "./create-request.ts";
export { decode, decoders, type Decoded, type Document, type Schema, type Trail } from "./decode.ts";
export { exactInteger } from "./encode.ts";
export { faultOfStatus, statusOfFault, type ErrorBody } from "./error-body.ts";
export { execOptions, execStartOptions, type ExecOptions, type ExecStartOptions } from "./exec-request.ts";
export { isJsonObject, JsonNumber, parseJson, type JsonObject, type JsonValue } from "./json.ts";
export { indexRequest } from "./index-request.ts";
export { platformRequest } from "./platform.ts";
export { encodeProgress, failedProgress, formatBar, type ProgressLine } from "./progress-line.ts";
export { routes, type QueryKind, type QueryOf, type RouteContract, type RouteName, type Routes } from "./routes.ts";
export { encodeFrames, joinPieces, FrameDecoder, frameHeaderSize, streamType, type StreamName, type StreamPiece } from "./stream-frames.ts";
export { closeCode, encodeWebSocketFrame, opcode, WebSocketError, WebSocketReader } from "./web-socket-frames.ts";
export { isBelow, newestVersion, oldestVersion, parseApiVersion, refusalOf, type ApiVersion } from "./versions/api-version.ts";
export { type ReplyBody, type ReplyKind } from "./versions/change.ts";
export { downgrade, shapeOf } from "./versions/downgrade.ts";
export { knows, type Gate } from "./versions/gates.ts";
export { connectRequest, disconnectRequest, networkRequest, type NetworkBody } from "./network-request.ts";
export { volumeRequest } from "./volume-request.ts";
