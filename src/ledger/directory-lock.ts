import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../shared/coded-error.ts';
import { fileMode } from './journal-files.ts';

const lockFileName = 'lock.json';

interface Owner {
  readonly pid: number;
  /** Clock ticks after boot at which the process began (proc(5), field 22 of stat): a process number alone comes again. */
  readonly began: string | null;
}

/** Two writers would break the chain: the directory belongs to one process at a time. */
export class DirectoryLock {
  readonly #path: string;

  /** @throws {CodedError} `storage-failed` when a living process holds it. The lock of a dead one is taken over. */
  constructor(directory: string) {
    this.#path = join(directory, lockFileName);
    const holder = readOwner(this.#path);
    if (holder !== undefined && isAlive(holder))
      throw new CodedError('storage-failed', `the journal is in use by process ${holder.pid}`);
    rmSync(this.#path, { force: true });
    const owner: Owner = { pid: process.pid, began: beganAt(process.pid) };
    // `wx`: of two that take over at the same moment one fails.
    writeFileSync(this.#path, JSON.stringify(owner), { flag: 'wx', mode: fileMode });
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Owner): boolean {
  if (began !== null) return beganAt(pid) === began;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @returns null where there is no such process, or no proc filesystem. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name stands in brackets and may hold anything, also blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
