// A server for tests of networks: `bun line-server.ts tcp|udp PORT LINE` says the line to whoever connects (tcp) or sends (udp), and
// writes "ready" once it can.
const [protocol = "", port = "", line = ""] = process.argv.slice(2);

if (protocol === "tcp") {
  Bun.listen({
    hostname: "0.0.0.0",
    port: Number(port),
    socket: { open: (socket) => void socket.end(`${line}\n`), data: () => undefined },
  });
} else {
  const socket = await Bun.udpSocket({
    hostname: "0.0.0.0",
    port: Number(port),
    socket: { data: (own, _received, senderPort, sender) => void own.send(`${line}\n`, senderPort, sender) },
  });
  socket.ref();
}
process.stdout.write("ready\n");
