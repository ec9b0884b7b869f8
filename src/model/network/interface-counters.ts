/** What went through one interface of a container, as the container sees it. */
export interface InterfaceCounters {
  /** Its name in the container. */
  readonly name: string;
  readonly received: TrafficCounters;
  readonly sent: TrafficCounters;
}

export interface TrafficCounters {
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly dropped: bigint;
}
