/** Resolves when the test that runs this program has killed the daemon and started it anew. */
export async function restartDaemon() {
  const told = new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdout.write("restart\n");
  await told;
  process.stdin.pause();
}
