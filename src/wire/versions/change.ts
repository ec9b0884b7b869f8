/** A reply as it goes to JSON; converters make new ones and leave the old alone. */
export type ReplyBody = Readonly<Record<string, unknown>>;

/** What converters tell apart. List replies are converted one by one. */
export type ReplyKind = "containerInspect" | "containerSummary" | "imageInspect" | "imageSummary" | "imageUsage" | "info";

/** What one version of the API changed, for clients that are older than it. */
export interface VersionChange {
  /** The version that brought the change: clients below it get the old form. */
  readonly version: string;
  readonly replies: Partial<Readonly<Record<ReplyKind, (body: ReplyBody) => ReplyBody>>>;
}

/** A copy without the named fields. */
export function without(...names: readonly string[]): (body: ReplyBody) => ReplyBody {
  return (body) => Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

/** A copy in which one field, where it is an object, was changed. */
export function within(body: ReplyBody, name: string, change: (inner: ReplyBody) => ReplyBody): ReplyBody {
  const inner = body[name];
  return isBody(inner) ? { ...body, [name]: change(inner) } : body;
}

export function isBody(value: unknown): value is ReplyBody {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
