import { readFileSync } from 'node:fs';
import { assert } from '../shared/assert.ts';

/** What may never stand in a file: taken from the environment once, handed to whoever needs it, printed by nobody. */
export interface Secrets {
  readonly drachtio: string | undefined;
  readonly freeswitch: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** By the names of their variables. */
  readonly webhooks: ReadonlyMap<string, string>;
}

const names = {
  drachtio: 'TONELOCK_DRACHTIO_SECRET',
  freeswitch: 'TONELOCK_FREESWITCH_SECRET',
  databaseUrl: 'TONELOCK_DATABASE_URL',
  redisUrl: 'TONELOCK_REDIS_URL',
} as const satisfies Record<Exclude<keyof Secrets, 'webhooks'>, string>;

const webhookPrefix = 'TONELOCK_WEBHOOK_';

/** The variable with the secret of a webhook: `crm-tokyo` is `TONELOCK_WEBHOOK_CRM_TOKYO`. */
export const webhookVariable = (name: string): string => webhookPrefix + name.toUpperCase().replaceAll('-', '_');

/** A secret that is mounted as a file, as container engines do. What cannot be read is no secret: whoever needs it says so. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * Reads the secrets and takes them out of `env`, so that no child process and no crash report inherits them. Each may
 * stand in a file, whose path is then in the variable of the same name with `_FILE` behind it.
 */
export function takeSecrets(env: NodeJS.ProcessEnv): Secrets {
  const take = (name: string): string | undefined => {
    const file = env[`${name}_FILE`];
    const value = env[name] ?? (file === undefined ? undefined : textOf(file));
    delete env[name];
    delete env[`${name}_FILE`];
    return value === '' ? undefined : value;
  };
  const secrets: Secrets = {
    drachtio: take(names.drachtio),
    freeswitch: take(names.freeswitch),
    databaseUrl: take(names.databaseUrl),
    redisUrl: take(names.redisUrl),
    webhooks: new Map(
      Object.keys(env)
        .filter((name) => name.startsWith(webhookPrefix))
        .map((name) => name.replace(/_FILE$/, ''))
        .map((name) => [name, take(name) ?? '']),
    ),
  };
  assert(Object.values(names).every((name) => env[name] === undefined));
  return secrets;
}
