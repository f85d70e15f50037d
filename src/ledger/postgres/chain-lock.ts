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

/** Chains whose lock nobody holds, but for our own. Looks only: a try would be in the way of a gateway that starts. */
export async function unlockedChains(client: ClientBase, own: string): Promise<{ gateway: string; seq: number }[]> {
  const { rows } = await client.query<{ chain: string; seq: string }>(
    `SELECT chain, seq FROM tonelock_chain
     WHERE chain <> $1 AND NOT EXISTS (
       SELECT FROM pg_locks
       WHERE locktype = 'advisory' AND objsubid = 1 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND ((classid::bigint << 32) | objid::bigint) = ${keyOf('chain')})`,
    [own],
  );
  return rows.map(({ chain, seq }) => ({ gateway: chain, seq: Number(seq) }));
}
