import type { ByteString } from "#image";

/** Writes a ByteString into a view. */
export function putBytes(view: DataView, at: number, bytes: ByteString): void {
  for (let index = 0; index < bytes.length; index += 1) view.setUint8(at + index, bytes.charCodeAt(index));
}
