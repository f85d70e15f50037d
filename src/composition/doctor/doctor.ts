import type { Config } from '../../config/config-schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { checkBus } from './bus-checks.ts';
import { checkDatabase } from './database-checks.ts';
import type { Finding } from './finding.ts';
import { checkFreeswitch } from './freeswitch-checks.ts';
import { checkLinks, checkPorts } from './link-checks.ts';
import { checkMachine } from './machine-checks.ts';
import { machineFacts } from './machine-facts.ts';
import { checkWeb } from './web-checks.ts';

/** Looks at the machine, the ports and the neighbours that this configuration needs. Changes nothing. */
export async function examine(config: Config, secrets: Secrets): Promise<Finding[]> {
  const facts = await machineFacts();
  const machine = checkMachine(facts, config.limits.calls, config.media.engine === 'embedded');
  const neighbours = await Promise.all([
    checkLinks(config, secrets),
    checkFreeswitch(config, secrets),
    checkDatabase(config, secrets),
    checkBus(config, secrets),
    checkWeb(config),
  ]);
  return [...machine, ...(await checkPorts(config)), ...neighbours.flat()];
}

/** A finding in one line: what was found, and after the arrow what to do. */
export function lineOf({ severity, about, found, remedy }: Finding): string {
  const line = `${severity.padEnd(8)} ${about}: ${found}`;
  return remedy === null ? line : `${line} → ${remedy}`;
}
