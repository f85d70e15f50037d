import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

const ours = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of ours) child.kill('SIGKILL');
});

/** Sees to it that a child does not outlive the tests, however they end. */
export function endWithTests(child: ChildProcess): void {
  ours.add(child);
  child.once('exit', () => ours.delete(child));
}

/** Sends the signals, in their order, unless it is over; resolves when the child has ended and its streams are shut. */
export async function endChild(child: ChildProcess | undefined, ...signals: readonly NodeJS.Signals[]): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  for (const signal of signals) child.kill(signal);
  await gone;
}

export interface Starting {
  readonly name: string;
  readonly limitMs: number;
  readonly everyMs: number;
  /** Whether it does its work already. */
  readonly ready: () => boolean | Promise<boolean>;
  /** What it has said, for whoever reads that it did not start. */
  readonly said?: () => string;
}

/** Waits until a server that was just started does its work. @throws when it has ended, or the time is over. */
export async function untilReady(child: ChildProcess, starting: Starting): Promise<void> {
  const { name, limitMs, everyMs, ready, said = () => '' } = starting;
  const limit = performance.now() + limitMs;
  while (!(await ready())) {
    if (child.exitCode !== null || performance.now() > limit)
      throw new Error(`${name} has not started: ${said().slice(-2000)}`);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}

/** @returns all living descendants of a process, nearest first, by /proc (Linux only; proc(5)). */
export function descendants(pid: number): ProcessInfo[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const child = Number(name);
    const parent = Number.isInteger(child) ? parentOf(child) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const found: ProcessInfo[] = [];
  const visit = (parent: number): void => {
    for (const child of children.get(parent) ?? []) {
      found.push({ pid: child, command: commandOf(child) });
      visit(child);
    }
  };
  visit(pid);
  return found;
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

/** Whether that very process still runs: a number alone may have been given to another. */
export const isRunning = (pid: number, command: string): boolean =>
  commandOf(pid) === command && parentOf(pid) !== undefined;

/** Resident memory in bytes; 0 when the process is gone. */
export const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

const ticksPerSecond = 100;

/** Processor time in seconds that a process has used, user and system (proc(5), fields 14 and 15). */
export function processorSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

/** How many sockets a process has open; 0 when it is gone. */
export function openSockets(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length;
  } catch {
    return 0;
  }
}

function parentOf(pid: number): number | undefined {
  // pid (comm) state ppid: comm may hold blanks and brackets, so count from the last bracket.
  const stat = read(`/proc/${pid}/stat`);
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === 'Z' || parent === undefined ? undefined : Number(parent);
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
