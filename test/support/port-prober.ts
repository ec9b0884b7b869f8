// Asks ports of 127.0.0.1 over HTTP, one after the other without end: `bun port-prober.ts FIRST COUNT`. Each must answer with its own number.
// At the end of its stdin it writes what it saw as one line of JSON: how many answers, the longest in milliseconds, and every failure.
const [first = 0, count = 0] = process.argv.slice(2).map(Number);
const failures: string[] = [];
let answers = 0;
let longest = 0;
const end = new AbortController();

async function probe(port: number): Promise<void> {
  const began = performance.now();
  try {
    const reply = await fetch(`http://127.0.0.1:${port}/port`, { keepalive: false, signal: AbortSignal.timeout(5_000) });
    const text = (await reply.text()).trim();
    if (text === String(port)) answers += 1;
    else failures.push(`${port}: ${reply.status} ${JSON.stringify(text)}`);
  } catch (error) {
    failures.push(`${port}: ${String(error)}`);
  }
  longest = Math.max(longest, performance.now() - began);
}

async function probeOnAndOn(port: number): Promise<void> {
  while (!end.signal.aborted) {
    await probe(port);
    await Bun.sleep(50);
  }
}

const probing = Array.from({ length: count }, (_, index) => probeOnAndOn(first + index));
process.stdout.write("ready\n");
for await (const _ of Bun.stdin.stream()) continue;
end.abort();
await Promise.all(probing);
process.stdout.write(`${JSON.stringify({ answers, longest: Math.round(longest), failures })}\n`);
process.exit(0);
