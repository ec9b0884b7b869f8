import { fault } from "#base";

/** Devices that somebody's driver or description is to bring, as `--gpus` and `--device vendor.com/class=name` ask for them. */
export interface DeviceRequest {
  readonly driver: string;
  /** -1 is all. */
  readonly count: number;
  /** Absent as the caller left it out; told back by inspect. */
  readonly ids?: readonly string[];
  /** Alternatives; each names everything that a driver must be able to do. */
  readonly capabilities?: readonly (readonly string[])[];
  readonly options?: Readonly<Record<string, string>>;
}

/** Names of the CDI devices that are asked for. @throws internal with Docker's words for a driver that is none: "cdi" is the only one */
export function namedDevices(requests: readonly DeviceRequest[], isEnabled: boolean): readonly string[] {
  return requests.flatMap(({ driver, count, ids = [], capabilities = [] }) => {
    if (driver !== "cdi" || !isEnabled) {
      const sets = capabilities.map((all) => `[${all.join(" ")}]`).join(" ");
      throw fault("internal", `could not select device driver "${driver}" with capabilities: [${sets}]`);
    }
    if (count !== 0) throw fault("internal", "unexpected count in CDI device request");
    return ids;
  });
}
