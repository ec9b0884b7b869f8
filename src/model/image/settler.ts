/**
 * Makes what stores have taken in outlive a power cut, all of it at once: when `settle` resolves, whatever was visible when it was called is on
 * the disk. Whoever names what was taken in unsettled (`isLasting: false`) settles before the name is written; what no row names a start removes.
 * @throws unavailable or internal: the disk failed, and nothing may be named
 */
export interface Settler {
  settle(): Promise<void>;
}
