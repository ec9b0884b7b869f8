import { fault } from "#base";

const rtMin = 34;
const rtMax = 64;

const named: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: rtMin,
  RTMAX: rtMax,
};

/**
 * A signal's number from "9", "KILL", "SIGKILL", "sigrtmin+3" (signal(7), numbers of x86 and arm).
 * @throws invalid, Docker's text
 */
export function parseSignal(text: string): number {
  if (/^[+-]?\d+$/.test(text)) {
    const number = Number(text);
    if (number === 0) throw fault("invalid", `invalid signal: ${text}`);
    if (number < 1 || number > rtMax) throw fault("invalid", `the linux daemon does not support signal ${number}`);
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = Object.hasOwn(named, name) ? named[name] : realTime(name);
  if (number === undefined) throw fault("invalid", `invalid signal: ${text}`);
  return number;
}

function realTime(name: string): number | undefined {
  const match = /^(RTMIN\+|RTMAX-)(\d{1,2})$/.exec(name);
  if (match === null) return undefined;
  const offset = Number(match[2]);
  if (offset < 1 || String(offset) !== match[2]) return undefined;
  if (match[1] === "RTMIN+") return offset <= 15 ? rtMin + offset : undefined;
  return offset <= 14 ? rtMax - offset : undefined;
}
