import type { Config } from '../../config/config-schema.ts';
import { redisUrlFault } from '../../config/redis-url.ts';
import type { Secrets } from '../../config/secrets.ts';
import { probeRedis } from '../../gateways/redis/redis-probe.ts';
import { isLoopback } from '../../shared/listen-address.ts';
import { clockAgainst } from './clock-check.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

/** GETDEL is younger than the rest of what is used. */
const oldest = [6, 2] as const;
const about = 'events.kind redis';

/** The bus between gateways: its address, its answer, and what it would forget. */
export async function checkBus({ events }: Config, { redisUrl }: Secrets): Promise<Finding[]> {
  if (events.kind !== 'redis') return [];
  const wrong = redisUrlFault(redisUrl);
  if (redisUrl === undefined || wrong !== undefined)
    return [fault(about, wrong ?? 'no address', 'redis://:password@host:6379, the same for all gateways')];
  const probe = await probeRedis(redisUrl);
  if (!probe.answers)
    return [fault(about, `no answer: ${probe.why}`, 'start Redis, or mend the URL; gateways go on without each other')];
  const findings = [
    fine(about, `Redis ${probe.version} answers in ${probe.ms} ms`),
    clockAgainst(about, probe.clockAheadMs),
  ];
  const [major = 0, minor = 0] = probe.version.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    findings.push(fault(about, `Redis ${probe.version} is too old`, `Redis ${oldest.join('.')} or newer`));
  if (probe.evicts)
    findings.push(warning(about, 'forgets keys when its memory is full', 'maxmemory-policy noeviction'));
  const { protocol, hostname } = new URL(redisUrl);
  if (protocol === 'redis:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    findings.push(warning(about, 'is reached without TLS', 'rediss://, or a network that nobody else is on'));
  return findings;
}
