import { expect, test } from 'vitest';
import { lineOf } from '../../../src/composition/doctor/doctor.ts';
import { checkMachine, type MachineFacts } from '../../../src/composition/doctor/machine-checks.ts';

const limits = (core: string, files: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax core file size        0                    ${core}            bytes\nMax open files            1024                 ${files}               files\n`;
const swapHead = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';
const sound: MachineFacts = {
  limits: limits('0', '524288'),
  corePattern: 'core\n',
  swaps: swapHead,
  swapMax: 'max\n',
  clockKept: true,
  nodeOptions: '',
};

const severities = (changes: Partial<MachineFacts>, calls = 1000): Record<string, string> =>
  Object.fromEntries(
    checkMachine({ ...sound, ...changes }, calls, true).map(({ about, severity }) => [about, severity]),
  );

test('A machine that is well has nothing to be done', () => {
  const findings = checkMachine(sound, 1000, true);
  expect(findings).toHaveLength(5);
  expect(findings.every(({ severity, remedy }) => severity === 'fine' && remedy === null)).toBe(true);
});

test.each<[string, Partial<MachineFacts>, string, string]>([
  ['too few files for the calls', { limits: limits('0', '1024') }, 'open files', 'fault'],
  ['files without a limit', { limits: limits('0', 'unlimited') }, 'open files', 'fine'],
  ['limits that cannot be read', { limits: undefined }, 'open files', 'warning'],
  ['core dumps that are allowed', { limits: limits('unlimited', '524288') }, 'core dumps', 'warning'],
  [
    'a program that takes core dumps',
    { limits: limits('unlimited', '99999'), corePattern: '|/lib/x' },
    'core dumps',
    'warning',
  ],
  ['a disk to swap to', { swaps: `${swapHead}/dev/sda2 partition 1048572 0 -2\n` }, 'swap', 'warning'],
  [
    'a disk to which this group may not swap',
    { swaps: `${swapHead}/dev/sda2 partition 1048572 0 -2\n`, swapMax: '0\n' },
    'swap',
    'fine',
  ],
  ['swap in memory', { swaps: `${swapHead}/dev/zram0 partition 1048572 0 100\n` }, 'swap', 'fine'],
  ['a clock on its own', { clockKept: false }, 'clock', 'fault'],
  ['a clock of which nobody knows', { clockKept: undefined }, 'clock', 'warning'],
  ['an inspector', { nodeOptions: '--max-old-space-size=400 --inspect=0' }, 'Node options', 'fault'],
  ['heap snapshots', { nodeOptions: '--heapsnapshot-signal=SIGUSR2' }, 'Node options', 'fault'],
])('It finds %s', (_, changes, about, severity) => {
  expect(severities(changes)[about]).toBe(severity);
});

test('Files are counted by the calls only where the sockets are ours', () => {
  const facts = { ...sound, limits: limits('0', '4499') };
  expect(checkMachine(facts, 1000, true)[0]?.severity).toBe('fault');
  expect(checkMachine(facts, 1000, false)[0]?.severity).toBe('fine');
});

test('A finding is one line, with its remedy after an arrow', () => {
  const lines = checkMachine({ ...sound, clockKept: false }, 10, true).map(lineOf);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(lines.filter((line) => line.includes(' → '))).toEqual([
    expect.stringMatching(/^fault {4}clock: .* → install chrony/),
  ]);
});
