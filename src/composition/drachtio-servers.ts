import { readFileSync } from 'node:fs';
import type { Config } from '../config/config-schema.ts';
import { isDefaultSecret } from '../config/default-secrets.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import { isLoopback, parseListenAddress } from '../shared/listen-address.ts';
import type { StackAddress } from '../telephony/sip/drachtio-stack.ts';
import type { ServerSocketOptions } from '../telephony/sip/server-socket.ts';
import { StartFault } from './start-fault.ts';

type Link = Exclude<Config['sip']['drachtio'], readonly unknown[]>;

/**
 * The drachtio-servers of the configuration that we connect to, with their secret.
 * @throws {StartFault} where the secret is missing, or is the one that the server comes with.
 */
export function drachtioAddresses(
  sip: Config['sip'],
  secrets: Secrets,
): { readonly host: string; readonly port: number; readonly secret: string }[] {
  const secret = secretOf(secrets);
  return linksOf(sip, 'server').map(({ host, port }) => ({ host, port, secret }));
}

/** The same, to connect to; one that strangers may reach is told of. @throws {StartFault} as above. */
export function drachtioServers(sip: Config['sip'], secrets: Secrets, telemetry: Telemetry): StackAddress[] {
  const servers = drachtioAddresses(sip, secrets);
  for (const { host } of servers) if (!isLoopback(host)) telemetry.serverUnguarded(host);
  return servers.map((server) => ({ ...server, pingMs: sip.pingSeconds * 1000 }));
}

/** Where drachtio-servers connect to us, a connection for each call. @throws {StartFault} as above, and for a file that cannot be read. */
export function drachtioListeners(sip: Config['sip'], secrets: Secrets): ServerSocketOptions[] {
  const secret = secretOf(secrets);
  return linksOf(sip, 'listener').map(({ listen, peers, tls }) => ({
    ...parseListenAddress(listen),
    peers,
    secret,
    pingMs: sip.pingSeconds * 1000,
    ...(tls === undefined ? {} : { tls: { cert: read('cert', tls.cert), key: read('key', tls.key) } }),
  }));
}

const linksOf = <Kind extends Link['kind']>({ drachtio }: Config['sip'], kind: Kind) =>
  [drachtio].flat().filter((link): link is Extract<Link, { kind: Kind }> => link.kind === kind);

function secretOf({ drachtio: secret }: Secrets): string {
  if (secret === undefined) throw new StartFault('sip.drachtio', 'TONELOCK_DRACHTIO_SECRET must be in the environment');
  if (isDefaultSecret(secret))
    throw new StartFault(
      'sip.drachtio',
      'TONELOCK_DRACHTIO_SECRET is the one that the server comes with: choose another',
    );
  return secret;
}

function read(name: 'cert' | 'key', path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new StartFault(`sip.drachtio.tls.${name}`, `cannot read ${path}`);
  }
}
