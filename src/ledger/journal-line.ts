import { createHash } from 'node:crypto';
import type { ChainEnd, JournalBody, JournalEntry } from './journal-entry.ts';

/*
 * One line, one entry:
 *
 *   {"seq":7,"at":"2026-11-24T08:00:00.000Z","prev":"<hash of line 6>","body":{…},"hash":"<64 hex digits>"}\n
 *   └──────────────────────── hashed, with the closing brace ──────────────────┘
 *
 * The hash is SHA-256 over the very bytes of the line without its own member, so checking needs no canonical form, and a
 * line that was written is a line that can be checked with nothing but a text editor and sha256sum.
 */

const hashLength = 64;
const tail = /^,"hash":"([0-9a-f]{64})"\}$/;
const tailLength = ',"hash":"'.length + hashLength + '"}'.length;
/** Longer lines are refused when written and when read. */
export const lineBytesMax = 65_536;

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** The next line of a chain, with its newline, and where the chain stands after it. */
function sealLine(end: ChainEnd, at: string, body: JournalBody): { line: string; end: ChainEnd } {
  const seq = end.seq + 1;
  const text = JSON.stringify({ seq, at, prev: end.hash, body });
  const hash = sha256(text);
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}\n`, end: { seq, hash } };
}

/** Lines that follow one another, and the entries that stand in them. */
export function sealLines(
  start: ChainEnd,
  at: string,
  bodies: readonly JournalBody[],
): { lines: string[]; end: ChainEnd; entries: JournalEntry[] } {
  let end = start;
  const lines: string[] = [];
  const entries: JournalEntry[] = [];
  for (const body of bodies) {
    const sealed = sealLine(end, at, body);
    end = sealed.end;
    lines.push(sealed.line);
    entries.push({ seq: end.seq, at, body });
  }
  return { lines, end, entries };
}

export type ReadLine = { readonly entry: JournalEntry; readonly prev: string; readonly hash: string };

/** @returns why the line is no entry, in words for an auditor; the line without its newline. */
export function readLine(line: Buffer): ReadLine | string {
  if (line.length > lineBytesMax) return 'the line is too long';
  const hash = tail.exec(line.subarray(-tailLength).toString('latin1'))?.[1];
  if (hash === undefined) return 'the line is not an entry';
  const text = Buffer.concat([line.subarray(0, -tailLength), Buffer.from('}')]);
  if (sha256(text) !== hash) return 'the entry does not match its hash';
  try {
    const { seq, at, prev, body } = JSON.parse(text.toString('utf8')) as JournalEntry & { prev: string };
    return { entry: { seq, at, body }, prev, hash };
  } catch {
    return 'the line is not an entry';
  }
}
