/** Lists processes of the host, as ps(1) prints them. Never runs anything of a container's. */
export interface ProcessLister {
  /** `pids` is what the caller is interested in; more may come where the arguments leave no choice. @throws internal with the words of ps */
  list(args: readonly string[], pids: readonly number[]): Promise<string>;
}
