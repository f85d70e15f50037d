import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../shared/clock.ts';

/** How long a key that was taken out of the file may still be accepted. */
export const keyFileLookMs = 1_000;

/**
 * Keys out of a file that an operator may replace while the gateway runs: looked at again before a token is checked, at
 * most once in {@link keyFileLookMs}. A file that cannot be read, half written perhaps, leaves the keys as they were.
 */
export async function keyFile(path: string, clock: Clock): Promise<JWTVerifyGetKey> {
  let state = await stateOf(path);
  let keys = await read(path);
  let looked = clock.monotonic();
  const look = async (): Promise<void> => {
    if (clock.monotonic() - looked < keyFileLookMs) return;
    looked = clock.monotonic();
    try {
      const now = await stateOf(path);
      if (now === state) return;
      keys = await read(path);
      state = now;
    } catch {
      // Looked at again next time.
    }
  };
  return async (...token) => {
    await look();
    return keys(...token);
  };
}

const read = async (path: string): Promise<JWTVerifyGetKey> =>
  createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet);

/** Changes with every replacement, also with one of the same length within the clock's resolution. */
async function stateOf(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
