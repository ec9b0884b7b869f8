/** What lies behind a URL of a user's. */
export interface Downloads {
  /**
   * The bytes as they come; `size` when the server says it. Redirects are followed.
   * @throws not-found, denied, invalid, internal: what the server or the way to it said
   */
  download(url: string, signal: AbortSignal): Promise<{ readonly size?: number; readonly bytes: ReadableStream<Uint8Array> }>;
}
