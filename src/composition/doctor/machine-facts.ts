import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { MachineFacts } from './machine-checks.ts';

const limitMs = 3000;
const run = promisify(execFile);

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').then(
    (text) => text,
    () => undefined,
  );

const said = (command: string, ...words: string[]): Promise<string | undefined> =>
  run(command, words, { timeout: limitMs }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );

/** systemd's word, else chrony's. */
async function clockKept(): Promise<boolean | undefined> {
  const systemd = (await said('timedatectl', 'show', '-p', 'NTPSynchronized', '--value'))?.trim();
  if (systemd === 'yes') return true;
  const chrony = /^Leap status\s*:\s*(.*)$/m.exec((await said('chronyc', 'tracking')) ?? '')?.[1];
  if (chrony !== undefined) return chrony.trim() !== 'Not synchronised';
  return systemd === 'no' ? false : undefined;
}

/** Of the group that this process is in; a container sees its own as the root. */
async function swapMax(): Promise<string | undefined> {
  const group = /^0::(\S+)/m.exec((await textOf('/proc/self/cgroup')) ?? '')?.[1] ?? '/';
  return await textOf(`/sys/fs/cgroup${group === '/' ? '' : group}/memory.swap.max`);
}

export async function machineFacts(): Promise<MachineFacts> {
  const [limits, corePattern, swaps, max, kept] = await Promise.all([
    textOf('/proc/self/limits'),
    textOf('/proc/sys/kernel/core_pattern'),
    textOf('/proc/swaps'),
    swapMax(),
    clockKept(),
  ]);
  return { limits, corePattern, swaps, swapMax: max, clockKept: kept, nodeOptions: process.env['NODE_OPTIONS'] ?? '' };
}
