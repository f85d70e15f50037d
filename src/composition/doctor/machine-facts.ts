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

export async function machineFacts(): Promise<MachineFacts> {
  const [limits, corePattern, swaps, kept] = await Promise.all([
    textOf('/proc/self/limits'),
    textOf('/proc/sys/kernel/core_pattern'),
    textOf('/proc/swaps'),
    clockKept(),
  ]);
  return { limits, corePattern, swaps, clockKept: kept, nodeOptions: process.env['NODE_OPTIONS'] ?? '' };
}
