import type { ClientBase } from 'pg';

/** Held while the schema is made or changed, so that several gateways that start at once do it one after another. */
const migrationLock = 0x746f_6e65;

/**
 * The schema, step by step. A step that has been released is never changed; a new one is put behind it.
 *
 * `line` is the very text that was hashed, as it would stand in a file of the journal; the columns beside it are copies for
 * looking things up and prove nothing. The trigger keeps accidents away from the entries, not an administrator.
 */
const steps: readonly string[] = [
  `CREATE TABLE tonelock_chain (
     chain text PRIMARY KEY,
     owner uuid NOT NULL,
     seq bigint NOT NULL,
     hash text NOT NULL,
     page bigint NOT NULL
   );
   CREATE TABLE tonelock_entry (
     chain text NOT NULL REFERENCES tonelock_chain,
     seq bigint NOT NULL,
     page bigint NOT NULL,
     at timestamptz NOT NULL,
     kind text NOT NULL,
     call text,
     attempt text,
     reference text,
     line text NOT NULL,
     PRIMARY KEY (chain, seq)
   );
   CREATE INDEX tonelock_entry_call ON tonelock_entry (call) WHERE call IS NOT NULL;
   CREATE INDEX tonelock_entry_attempt ON tonelock_entry (attempt) WHERE attempt IS NOT NULL;
   CREATE INDEX tonelock_entry_page ON tonelock_entry (chain, page, seq);
   CREATE INDEX tonelock_entry_reference ON tonelock_entry (at) WHERE reference IS NOT NULL;
   CREATE FUNCTION tonelock_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'tonelock_entry is append-only'; END $$;
   CREATE TRIGGER tonelock_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tonelock_entry
     EXECUTE FUNCTION tonelock_append_only();`,
  `ALTER TABLE tonelock_entry ADD COLUMN search_value text;
   CREATE INDEX tonelock_entry_search_value ON tonelock_entry (search_value) WHERE search_value IS NOT NULL;
   CREATE INDEX tonelock_entry_intent ON tonelock_entry (at) WHERE kind = 'intent';`,
];

/** The last step that this version knows. */
export const lastStep = steps.length;

/** Brings the schema to this version's; harmless where it is there already, also when a later version has gone further. */
export async function migrate(client: ClientBase): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS tonelock_migration (step int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ step: number }>('SELECT step FROM tonelock_migration');
    const done = new Set(rows.map(({ step }) => step));
    for (const [at, sql] of steps.entries()) {
      if (done.has(at + 1)) continue;
      await client.query(sql);
      await client.query('INSERT INTO tonelock_migration (step) VALUES ($1)', [at + 1]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
