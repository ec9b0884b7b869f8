export { decodeHere, decoders, type Decoding } from "./decoders.ts";
export { type StepwiseDecoder } from "./stepwise-decoder.ts";
export { cgroupFolders, monitorFolders, readCgroupLayout, type CgroupLayout } from "./cgroup-layout.ts";
export { lockFile } from "./file-lock.ts";
export { hasCode, KernelError } from "./kernel-error.ts";
export { serveKernelCalls } from "./kernel-server.ts";
export { Kernel, type KernelPort } from "./kernel.ts";
export { isCompiled, startWorker } from "./worker-thread.ts";
export { type FileInRoot, type RootName } from "./read-in-root.ts";
export { type OwnerMap } from "./mapped-mounts.ts";
export { type OverlayMount } from "./mount-overlay.ts";
export { type SealedMethod } from "./mount-sealed.ts";
export { readMachine, type Machine } from "./machine.ts";
export { type MonitorFolder } from "./monitor-calls.ts";
export { closeOnExec, isUnixListener } from "./listening-socket.ts";
export { descriptorLimit, silence } from "./poll-interest.ts";
export { peerCredentials, type PeerCredentials } from "./peer-credentials.ts";
export { getDescriptor, openPidfd, signalPidfd } from "./pidfd.ts";
export { connectDescriptor, connectSeqpacket, maxSocketPath, sendDatagram, shutdownWrite, socketPair } from "./unix-socket.ts";
export { closeFd } from "./descriptor.ts";
export { type UdpFlows } from "./conntrack.ts";
export { type BridgeState, type MadeSandbox, type SandboxLink } from "./link-calls.ts";
export { hasIpv6, openRelaySocket, originalDestination, relayPort } from "./relay-socket.ts";
export { watchNftables } from "./netlink-watch.ts";
export { openNetfilter, type NftChange, type NftTableState } from "./nft-calls.ts";
export {
  connection,
  connectionHas,
  dnatByMap,
  type Expression,
  inNetwork,
  interfaceName,
  isForThisHost,
  isIn,
  isIpv4,
  isIpv6,
  masquerade,
  redirectByMap,
  toTcpPort,
  verdict,
} from "./nft-expressions.ts";
export { type NftChain, type NftElement, type NftTable } from "./nftables.ts";
export { gzipLibrary, openGzipDecoder } from "./gzip-decoder.ts";
export { type HostPort, PortHolder } from "./port-holder.ts";
export { type InterfaceAddress, type Link } from "./rtnetlink.ts";
export { foreignWriter } from "./root-owned.ts";
export { rooted, type RootedStatus } from "./rooted-calls.ts";
export { sealProgram } from "./sealed-program.ts";
export { type CallTable } from "./kernel-calls.ts";
export { type SeenAs } from "./user-namespace.ts";
export { type LayeredTree, openTree, type TreeMount, type TreeName } from "./open-tree.ts";
