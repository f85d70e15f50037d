import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Bytes read at one time; parts overlap, so that nothing is missed between two. */
const partBytes = 4 * 1024 * 1024;
/** Mappings larger than this are reserved addresses, of which next to nothing is in use. */
const mappingBytesMax = 512 * 1024 * 1024;

/** How often the bytes stand in the writable memory of a process. Wants the right to read it: the same user, or root. */
export function countInMemory(pid: number, wanted: Buffer): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return writable(pid).reduce((sum, [from, to]) => sum + countBetween(memory, from, to, wanted), 0);
  } finally {
    closeSync(memory);
  }
}

function writable(pid: number): [from: number, to: number][] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line): [number, number][] => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (match === null) return [];
      const [from, to] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
      return to - from > mappingBytesMax ? [] : [[from, to]];
    });
}

function countBetween(memory: number, from: number, to: number, wanted: Buffer): number {
  const part = Buffer.alloc(Math.min(partBytes, to - from));
  let found = 0;
  for (let at = from; at < to; at += part.length - (wanted.length - 1)) {
    const length = readPart(memory, part, at, Math.min(part.length, to - at));
    found += countIn(part.subarray(0, length), wanted);
    if (length < part.length) break;
  }
  part.fill(0);
  return found;
}

/** A mapping may go, or have no memory behind it: then there is nothing to find. */
function readPart(memory: number, part: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, part, 0, length, at);
  } catch {
    return 0;
  }
}

function countIn(bytes: Buffer, wanted: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) found += 1;
  return found;
}
