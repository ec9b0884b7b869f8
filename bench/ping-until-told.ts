// bun bench/ping-until-told.ts SOCKET: asks `_ping` again and again until its stdin ends, then prints the milliseconds of each answer.
// A process and a session of its own: what measures must not wait behind what it measures.
const [socket = ""] = process.argv.slice(2);
const waits: number[] = [];
const told = new AbortController();
void Bun.stdin.text().then(() => told.abort());
while (!told.signal.aborted) {
  const began = performance.now();
  await (await fetch("http://localhost/_ping", { unix: socket })).text();
  waits.push(performance.now() - began);
  await Bun.sleep(1);
}
process.stdout.write(JSON.stringify(waits));
