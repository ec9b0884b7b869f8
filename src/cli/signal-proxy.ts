/** Signals that a foreground client passes on to the container. SIGKILL and SIGSTOP cannot be caught, SIGCHLD and SIGPIPE are our own. */
const proxied = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGWINCH",
] as const;

/** Passes signals that reach this process to `kill`, by their name without "SIG", until it is disposed of. */
export function proxySignals(kill: (signal: string) => Promise<void>): Disposable {
  const listeners = proxied.map((name) => {
    // The container may be gone before its signal arrives; then its exit code is on the way already.
    const listener = (): void => void kill(name.slice("SIG".length)).catch(() => undefined);
    process.on(name, listener);
    return { name, listener };
  });
  return {
    [Symbol.dispose]: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
