/**
 * Reads archives as they come: plain, or compressed with whatever Docker takes (gzip, zstd, xz, bzip2), told by their first bytes. Runs ahead of
 * its reader by a few pieces at most, and lets go of the archive with it. Errors of the archive's own source pass as they are.
 * @throws invalid for compression that is broken or cut; unsupported for one that this machine has no decoder for
 */
export interface Inflater {
  inflate(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
}
