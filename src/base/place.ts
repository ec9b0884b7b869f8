/**
 * Where one daemon lives: every path, and every name in the kernel, that two daemons on one machine must not share.
 * Nothing else in the code holds a constant path.
 */
export interface Place {
  /** Data root: /var/lib/gantry. */
  readonly dataRoot: string;
  /** Run directory: /run/gantry. */
  readonly runRoot: string;
  readonly pidFile: string;
  /** Bridge interface: gantry0. */
  readonly bridge: string;
  /** CIDR of the bridge's own address: 172.17.0.1/16. */
  readonly bridgeCidr: string;
  /** nftables table (family inet): gantry. */
  readonly nftTable: string;
  /** Path below the cgroup mount: /gantry. */
  readonly cgroupParent: string;
  /** Group of the socket: docker. */
  readonly group: string;
}
