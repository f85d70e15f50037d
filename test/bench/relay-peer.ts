import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A relay under measurement: its processes, and calls through it. */
export interface RelayPeer {
  readonly name: string;
  readonly pids: readonly number[];
  /** Keys that it took, where it takes any. */
  readonly presses?: readonly unknown[];
  /** The threads that move packets. */
  readonly movers: () => readonly number[];
  /** @returns the ports to which side A and side B of a new call send. */
  connect(call: number, portA: number, portB: number): Promise<readonly [number, number]>;
  close(): Promise<void>;
}

/** Own ports of the load generator for one call. */
export const loadPorts = (call: number): readonly [number, number] => [10_000 + 4 * call, 10_002 + 4 * call];

/** What a telephone with G.711 or G.722 (by payload type) and telephone-event on a port says of itself. */
export function description(port: number, payloadType: number): string {
  const name = payloadType === 9 ? 'G722' : 'PCMU';
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType} 101`,
    `a=rtpmap:${payloadType} ${name}/8000`,
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

export const audioPort = (sdp: string): number => Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);

/** Puts a process on a processor of its own, before others. The load generator has the first one. */
export function privilege(pid: number): void {
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    execFileSync('taskset', ['-cp', '1', thread], { stdio: 'ignore' });
    execFileSync('renice', ['-n', '-19', '-p', thread], { stdio: 'ignore' });
  }
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-19');
  } catch {
    // No autogroups on this machine.
  }
}

export const threadsOf = (pid: number): number[] => readdirSync(`/proc/${pid}/task`).map(Number);

/** Lets threads run before all others, as far as this machine allows it. */
export function hasten(threads: readonly number[]): void {
  for (const thread of threads) spawnSync('chrt', ['-f', '-p', '10', String(thread)], { stdio: 'ignore' });
}

export const residentKilobytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
