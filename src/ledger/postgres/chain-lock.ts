import type { ClientBase } from 'pg';

/** The lock is of the database, chains are of a schema: installations side by side must not meet. */
const keyOf = (chain: string): string =>
  `hashtextextended(concat('tonelock ', current_schema(), ' ', ${chain}::text), 0)`;

/** Whoever takes over what a dead gateway has left holds its lock for a moment: a start waits so long, and no longer. */
const waitLimitMs = 2_000;
/** SQLSTATE `lock_not_available`. */
const lockNotAvailable = '55P03';

/** Takes the lock for as long as the connection lives. @returns false when another has it. */
export async function tryLock(client: ClientBase, chain: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${keyOf('$1')}) AS locked`, [
    chain,
  ]);
  return rows[0]?.locked === true;
}

/** As {@link tryLock}, after a moment's patience. */
export async function waitForLock(client: ClientBase, chain: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${waitLimitMs}`);
    await client.query(`SELECT pg_advisory_lock(${keyOf('$1')})`, [chain]);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    if (error instanceof Error && 'code' in error && error.code === lockNotAvailable) return false;
    throw error;
  }
}

/** Takes the lock until the end of the transaction. @returns false when another has it. */
export async function tryLockForNow(client: ClientBase, chain: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${keyOf('$1')}) AS locked`,
    [chain],
  );
  return rows[0]?.locked === true;
}

/** The connection that has a chain's lock, and for how many milliseconds nothing was said on it. */
const holder = (chain: string): string => `
  SELECT lock.pid, extract(epoch FROM clock_timestamp() - greatest(held.state_change, held.query_start)) * 1000 AS silent
  FROM pg_locks AS lock JOIN pg_stat_activity AS held ON held.pid = lock.pid
  WHERE lock.locktype = 'advisory' AND lock.objsubid = 1 AND lock.granted
    AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((lock.classid::bigint << 32) | lock.objid::bigint) = ${keyOf(chain)}`;

/**
 * Takes the lock until the end of the transaction away from a gateway that hangs: it has the connection, and has said nothing on
 * it for so long. Its connection is ended, and what it was in the middle of is undone.
 * @returns false when it lives, or nobody can say (its user is another's, and this one may not look).
 */
export async function wrestLockForNow(client: ClientBase, chain: string, silentMs: number): Promise<boolean> {
  const { rows } = await client.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(pid) AS ended FROM (${holder('$1')}) AS found WHERE silent >= $2`,
    [chain, silentMs],
  );
  if (rows[0]?.ended !== true) return false;
  await client.query(`SET LOCAL lock_timeout = ${waitLimitMs}`);
  await client.query(`SELECT pg_advisory_xact_lock(${keyOf('$1')})`, [chain]);
  return true;
}

/**
 * Chains, but for our own, whose lock nobody holds, or one who has said nothing for `silentMs`. Looks only: a try would be in the way
 * of a gateway that starts.
 */
export async function unheldChains(
  client: ClientBase,
  own: string,
  silentMs: number | null,
): Promise<{ gateway: string; seq: number }[]> {
  const { rows } = await client.query<{ chain: string; seq: string }>(
    `SELECT chain, seq FROM tonelock_chain WHERE chain <> $1
       AND NOT EXISTS (SELECT FROM (${holder('chain')}) AS found WHERE coalesce(silent < $2, true))`,
    [own, silentMs],
  );
  return rows.map(({ chain, seq }) => ({ gateway: chain, seq: Number(seq) }));
}
