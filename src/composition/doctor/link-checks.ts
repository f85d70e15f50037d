import type { Config } from '../../config/config-schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { isLoopback, parseListenAddress } from '../../shared/listen-address.ts';
import { type Finding, fault, fine, warning } from './finding.ts';
import { bindFault, reach, rtpengineAnswers } from './reach.ts';
import { secretCheck } from './secret-check.ts';

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
  if (config.media.engine === 'freeswitch')
    for (const { listen } of [config.media.freeswitch].flat())
      findings.push(await portCheck('media.freeswitch.listen', 'tcp', listen));
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

/** The SIP server and the rtpengines beside which the gateway stands, and the secret between them. */
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
  return findings;
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
