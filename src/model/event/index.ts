export { type Announcer, type EngineEvent, type EventType } from "./event.ts";
export { eventsKept, type EventJournal } from "./event-journal.ts";
