import { lastStep } from './migrations.ts';
import { codeOf, PostgresLink } from './postgres-link.ts';

export interface DatabaseFacts {
  readonly answers: true;
  readonly ms: number;
  /** `15.14`, and as a number that can be compared: 150014. */
  readonly version: string;
  readonly versionNumber: number;
  /** How far the server's clock is ahead of ours; half the time of the question is taken off. */
  readonly clockAheadMs: number;
  readonly encrypted: boolean;
  /** A replica: nothing can be written there. */
  readonly readOnly: boolean;
  /** Whether a commit is on its disk when it says so. */
  readonly durable: boolean;
  /** The last step of the schema that was taken; null where there is no schema of ours yet. */
  readonly step: number | null;
  readonly knownStep: number;
  readonly mayCreate: boolean;
}

export type PostgresProbe = DatabaseFacts | { readonly answers: false; readonly why: string };

interface Row {
  readonly version: string;
  readonly number: number;
  readonly now: number;
  readonly ssl: boolean | null;
  readonly recovery: boolean;
  readonly fsync: string;
  readonly made: boolean;
  readonly create: boolean | null;
}

const question = `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
  (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS ssl,
  pg_is_in_recovery() AS recovery, current_setting('fsync') AS fsync,
  to_regclass('tonelock_migration') IS NOT NULL AS made,
  has_schema_privilege(current_schema(), 'CREATE') AS create`;

/** Asks a database what it is, once, for an operator who wants to know whether the gateway can use it. Changes nothing. */
export async function probePostgres(url: string): Promise<PostgresProbe> {
  const link = new PostgresLink(url);
  const since = performance.now();
  try {
    const client = await link.client();
    const ms = Math.round(performance.now() - since);
    const asked = Date.now();
    const { rows } = await client.query<Row>(question);
    const row = rows[0];
    if (row === undefined) return { answers: false, why: 'no answer' };
    const clockAheadMs = Math.round(row.now - (asked + Date.now()) / 2);
    const steps = row.made
      ? await client.query<{ step: number | null }>('SELECT max(step) AS step FROM tonelock_migration')
      : undefined;
    return {
      ...{ answers: true, ms, version: row.version, versionNumber: row.number, clockAheadMs },
      ...{ encrypted: row.ssl === true, readOnly: row.recovery, durable: row.fsync === 'on' },
      ...{ step: steps?.rows[0]?.step ?? null, knownStep: lastStep, mayCreate: row.create === true },
    };
  } catch (error) {
    return { answers: false, why: codeOf(error) };
  } finally {
    await link.close();
  }
}
