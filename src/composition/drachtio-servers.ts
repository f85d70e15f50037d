import type { Config } from '../config/config-schema.ts';
import { isDefaultSecret } from '../config/default-secrets.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import { isLoopback } from '../shared/listen-address.ts';
import type { StackAddress } from '../telephony/sip/drachtio-stack.ts';
import { StartFault } from './start-fault.ts';

/**
 * The drachtio-servers of the configuration, with their secret.
 * @throws {StartFault} where the secret is missing, or is the one that the server comes with.
 */
export function drachtioAddresses(
  sip: Config['sip'],
  secrets: Secrets,
): { readonly host: string; readonly port: number; readonly secret: string }[] {
  const secret = secrets.drachtio;
  if (secret === undefined) throw new StartFault('sip.drachtio', 'TONELOCK_DRACHTIO_SECRET must be in the environment');
  if (isDefaultSecret(secret))
    throw new StartFault(
      'sip.drachtio',
      'TONELOCK_DRACHTIO_SECRET is the one that the server comes with: choose another',
    );
  return [sip.drachtio].flat().map(({ host, port }) => ({ host, port, secret }));
}

/** The same, to connect to; one that strangers may reach is told of. @throws {StartFault} as above. */
export function drachtioServers(sip: Config['sip'], secrets: Secrets, telemetry: Telemetry): StackAddress[] {
  const servers = drachtioAddresses(sip, secrets);
  for (const { host } of servers) if (!isLoopback(host)) telemetry.serverUnguarded(host);
  return servers.map((server) => ({ ...server, pingMs: sip.pingSeconds * 1000 }));
}
