import type { Config } from '../../config/config-schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { type DatabaseFacts, probePostgres } from '../../ledger/postgres/postgres-probe.ts';
import { isLoopback } from '../../shared/listen-address.ts';
import { clockAgainst } from './clock-check.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

/** hashtextextended(), by which chains are locked, is of PostgreSQL 11; the tests run on 15. */
const oldest = 11;
const about = 'storage.kind postgres';

/** The journal's database: its address, its answer, its schema, its clock, and whether what it says is kept is kept. */
export async function checkDatabase({ storage }: Config, { databaseUrl: url }: Secrets): Promise<Finding[]> {
  if (storage.kind !== 'postgres') return [];
  if (url === undefined) return [fault(about, 'TONELOCK_DATABASE_URL is not in the environment', 'set it')];
  if (!URL.canParse(url))
    return [fault(about, 'TONELOCK_DATABASE_URL is no URL', 'postgres://user@host:5432/database')];
  const probe = await probePostgres(url);
  if (!probe.answers) return [fault(about, `no answer: ${probe.why}`, remedyOf(probe.why))];
  return [
    fine(about, `PostgreSQL ${probe.version} answers in ${probe.ms} ms`),
    schema(probe),
    clockAgainst(about, probe.clockAheadMs),
    ...unfit(probe),
    ...(probe.encrypted || !isAway(url) ? [] : [openLine]),
  ];
}

const openLine = warning(about, 'is reached without TLS', '?sslmode=verify-full in the URL, or a network of its own');

const isAway = (url: string): boolean => {
  const { hostname } = new URL(url);
  return hostname !== '' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
};

/** SQLSTATEs of class 28 are refusals; 3D000 is a database that is not there. */
function remedyOf(why: string): string {
  if (why.startsWith('28')) return 'mend user and password in the URL, or pg_hba.conf';
  if (why === '3D000') return 'create the database, or mend its name in the URL';
  return 'start the database, or mend host and port in the URL';
}

function schema({ step, knownStep, mayCreate }: DatabaseFacts): Finding {
  if (step !== null && step > knownStep)
    return warning(
      about,
      `its schema is at step ${step}, of a later version than this (${knownStep})`,
      'update the gateway',
    );
  if (step === knownStep) return fine(about, `its schema is this version's (step ${step})`);
  const found = step === null ? 'it has no schema yet' : `its schema is at step ${step} of ${knownStep}`;
  return mayCreate
    ? fine(about, `${found}: the gateway makes it when it starts`)
    : fault(about, `${found}, and this user may not make it`, 'GRANT CREATE ON SCHEMA to the user of the URL');
}

function unfit({ versionNumber, readOnly, durable }: DatabaseFacts): Finding[] {
  const findings: Finding[] = [];
  if (versionNumber < oldest * 10_000) findings.push(fault(about, 'is too old', `PostgreSQL ${oldest} or newer`));
  if (readOnly) findings.push(fault(about, 'is a replica: nothing can be written', 'the address of the primary'));
  if (!durable)
    findings.push(fault(about, 'does not wait for its disk (fsync is off)', 'fsync = on: a crash would lose payments'));
  return findings;
}
