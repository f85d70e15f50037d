import { readFileSync } from 'node:fs';
import type { Config } from '../config/config-schema.ts';
import { isDefaultSecret } from '../config/default-secrets.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import { isLoopback, parseListenAddress } from '../shared/listen-address.ts';
import type { StackAddress } from '../telephony/sip/drachtio/drachtio-stack.ts';
import type { ServerSocketOptions } from '../telephony/sip/drachtio/server-socket.ts';
import type { SipServers } from '../telephony/sip/drachtio/sip-servers.ts';
import type { SipArrivals } from '../telephony/sip-port.ts';
import { StartFault, underKey } from './start-fault.ts';

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

/** Servers that we connect to, and places where servers connect to us, a connection for each call. */
export interface DrachtioLinks {
  readonly servers: readonly StackAddress[];
  readonly listeners: readonly ServerSocketOptions[];
}

/**
 * All of them; undefined where the embedded server is used. Read before anything starts, since what is wrong here is wrong
 * whatever else works. @throws {StartFault} as above, and for a file that cannot be read.
 */
export function drachtioLinks({ sip }: Config, secrets: Secrets): DrachtioLinks | undefined {
  if (sip.server !== 'drachtio') return undefined;
  const secret = secretOf(secrets);
  const pingMs = sip.pingSeconds * 1000;
  return {
    servers: drachtioAddresses(sip, secrets).map((server) => ({ ...server, pingMs })),
    listeners: linksOf(sip, 'listener').map(({ listen, peers, tls }) => ({
      ...parseListenAddress(listen),
      peers,
      secret,
      pingMs,
      ...(tls === undefined ? {} : { tls: { cert: read('cert', tls.cert), key: read('key', tls.key) } }),
    })),
  };
}

/** Connects to the servers and listens for those that connect; a server that strangers may reach is told of. */
export async function openDrachtio(
  { servers, listeners }: DrachtioLinks,
  stack: SipServers,
  arrivals: SipArrivals,
  telemetry: Telemetry,
): Promise<void> {
  for (const server of servers) {
    if (!isLoopback(server.host)) telemetry.serverUnguarded(server.host);
    stack.open(server, arrivals);
  }
  for (const listener of listeners) await underKey('sip.drachtio', () => stack.listen(listener, arrivals));
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
