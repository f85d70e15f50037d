import { createClient } from '@redis/client';

const limitMs = 3_000;

export type RedisProbe =
  | {
      readonly answers: true;
      readonly ms: number;
      readonly version: string;
      readonly evicts: boolean;
      /** How far the server's clock is ahead of ours; half the time of the question is taken off. */
      readonly clockAheadMs: number;
    }
  | { readonly answers: false; readonly why: string };

/** Asks a Redis what it is, once, for an operator who wants to know whether the gateways can use it. */
export async function probeRedis(url: string): Promise<RedisProbe> {
  const client = createClient({
    url,
    RESP: 2,
    socket: { connectTimeout: limitMs, reconnectStrategy: false },
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  client.on('error', () => undefined);
  const since = performance.now();
  const limit = setTimeout(() => client.isOpen && client.destroy(), limitMs);
  try {
    await client.connect();
    const info = await client.info();
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
    const evicts = !/^maxmemory_policy:noeviction/m.test(info) && !/^maxmemory:0\s/m.test(info);
    const ms = Math.round(performance.now() - since);
    const asked = Date.now();
    const [seconds = '0', micros = '0'] = (await client.sendCommand(['TIME'])) as unknown as string[];
    const clockAheadMs = Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - (asked + Date.now()) / 2);
    return { answers: true, ms, version, evicts, clockAheadMs };
  } catch (error) {
    return { answers: false, why: reason(error) };
  } finally {
    clearTimeout(limit);
    if (client.isOpen) client.destroy();
  }
}

/** Redis's first word (NOAUTH, WRONGPASS …), or the system's code; its other words may quote what was sent. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return /^[A-Z]{3,20}(?= )/.exec(error.message)?.[0] ?? 'no answer';
}
