export { type Announcer, type EngineEvent, type EventType } from "./event.ts";
