import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config-schema.ts';
import { isDefaultSecret } from '../../config/default-secrets.ts';
import type { Secrets } from '../../config/secrets.ts';
import { isLoopback, parseListenAddress } from '../../shared/listen-address.ts';
import { type Finding, fault, fine, warning } from './finding.ts';
import { bindFault, reach, rtpengineAnswers } from './reach.ts';

/** Ports of a range that are tried: the ends and what lies between, not all. */
const mediaSamples = 8;

/** Everything that the gateway listens on. In use by a gateway that runs already: then they are not free, of course. */
export async function checkPorts(config: Config): Promise<Finding[]> {
  const findings = [await portCheck('http.listen', 'tcp', config.http.listen)];
  if (config.sip.server === 'embedded')
    for (const point of config.sip.listen) {
      const [protocol = 'udp', at = ''] = point.split('/');
      findings.push(await portCheck('sip.listen', protocol === 'udp' ? 'udp' : 'tcp', at));
    }
  if (config.media.engine === 'embedded') findings.push(await mediaCheck(config));
  if (config.media.engine === 'rtpengine')
    findings.push(await portCheck('media.rtpengine.events', 'udp', config.media.rtpengine.events));
  return findings;
}

async function portCheck(key: string, protocol: 'udp' | 'tcp', at: string): Promise<Finding> {
  const { host, port } = parseListenAddress(at);
  const why = await bindFault(protocol, host, port);
  if (why === undefined) return fine(`${key} ${protocol}/${at}`, 'free');
  const remedy =
    why === 'EADDRINUSE'
      ? 'stop what listens there (`ss -lnp`), unless it is the gateway itself'
      : 'choose an address of this machine and a port that this user may bind';
  return fault(`${key} ${protocol}/${at}`, why, remedy);
}

async function mediaCheck({ media, limits }: Config): Promise<Finding> {
  const [first, last] = media.ports;
  const room = Math.floor((last - first + 1) / 4);
  const about = `media.ports ${first}–${last}`;
  if (room < limits.calls)
    return fault(
      about,
      `room for ${room} calls, and limits.calls is ${limits.calls}`,
      'a wider range: four ports a call',
    );
  const step = Math.max(2, 2 * Math.floor((last - first) / mediaSamples / 2));
  for (let port = first; port <= last; port += step) {
    const why = await bindFault('udp', media.address, port);
    if (why === 'EADDRINUSE')
      return warning(about, `port ${port} is in use`, 'a range of its own: taken ports are passed over');
    if (why !== undefined) return fault(about, why, 'media.address must be an address of this machine');
  }
  return fine(about, `room for ${room} calls`);
}

/** The servers beside which the gateway stands, and the secrets between them. */
export async function checkLinks(config: Config, secrets: Secrets): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (config.sip.server === 'drachtio') {
    findings.push(secretCheck('TONELOCK_DRACHTIO_SECRET', secrets.drachtio));
    for (const link of [config.sip.drachtio].flat())
      findings.push(
        ...(link.kind === 'server' ? await drachtioCheck(link.host, link.port) : [await listenCheck(link.listen)]),
      );
  }
  if (config.media.engine === 'rtpengine')
    for (const control of [config.media.rtpengine.control].flat()) findings.push(await rtpengineCheck(control));
  if (config.storage.kind === 'postgres') findings.push(await databaseCheck(secrets.databaseUrl));
  for (const psp of config.payments.psps) {
    const finding = await pspCheck(psp);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function secretCheck(name: string, secret: string | undefined): Finding {
  if (secret === undefined)
    return fault(name, 'not in the environment', 'set it: the gateway does not start without it');
  if (isDefaultSecret(secret))
    return fault(name, 'the one that the server comes with', 'choose another, in both places');
  return fine(name, 'set, and not a known default');
}

async function drachtioCheck(host: string, port: number): Promise<Finding[]> {
  const about = `sip.drachtio ${host}:${port}`;
  const { fault: why, ms } = await reach(host, port);
  const link =
    why === undefined
      ? fine(about, `reached in ${ms} ms`)
      : fault(about, why, 'start drachtio-server, or mend the address; the gateway goes on trying');
  const open = isLoopback(host)
    ? []
    : [warning(about, 'the server does not insist on its secret', 'let a firewall admit the gateways only')];
  return [link, ...open];
}

async function listenCheck(listen: string): Promise<Finding> {
  const { host, port } = parseListenAddress(listen);
  const why = await bindFault('tcp', host, port);
  return why === undefined
    ? fine(`sip.drachtio.listen ${listen}`, 'free')
    : fault(`sip.drachtio.listen ${listen}`, why, 'an address and port of this machine that nobody else has');
}

async function rtpengineCheck(control: string): Promise<Finding> {
  const { host, port } = parseListenAddress(control);
  return (await rtpengineAnswers(host, port))
    ? fine(`media.rtpengine.control ${control}`, 'answers')
    : fault(`media.rtpengine.control ${control}`, 'no answer', 'start rtpengine with --listen-ng at this address');
}

async function databaseCheck(url: string | undefined): Promise<Finding> {
  const about = 'storage.kind postgres';
  if (url === undefined) return fault(about, 'TONELOCK_DATABASE_URL is not in the environment', 'set it');
  if (!URL.canParse(url)) return fault(about, 'TONELOCK_DATABASE_URL is no URL', 'postgres://user@host:5432/database');
  const { hostname, port } = new URL(url);
  const { fault: why, ms } = await reach(hostname, Number(port === '' ? 5432 : port));
  return why === undefined
    ? fine(about, `reached in ${ms} ms`)
    : fault(about, why, 'start the database, or mend the URL');
}

type Psp = Config['payments']['psps'][number];

const usualUrls: Readonly<Record<string, string>> = { stripe: 'https://api.stripe.com' };

async function pspCheck({ id, adapter, url = usualUrls[adapter], tls }: Psp): Promise<Finding | undefined> {
  if (url === undefined) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const ca = tls?.ca === undefined ? undefined : await readFile(tls.ca).catch(() => undefined);
  const at = Number(port === '' ? (secure ? 443 : 80) : port);
  const { fault: why, ms } = await reach(hostname, at, secure ? (ca === undefined ? {} : { ca }) : undefined);
  const about = `payments.psps ${id}`;
  if (why === undefined)
    return fine(about, `${hostname} reached in ${ms} ms${secure ? ', its certificate holds' : ''}`);
  return fault(about, `${hostname}:${at}: ${why}`, 'mend the way out (firewall, DNS), or the certificate (tls.ca)');
}
