import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config-schema.ts';
import { isDefaultSecret } from '../config/default-secrets.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { Clock } from '../shared/clock.ts';
import { askFitness } from '../shared/freeswitch-fitness.ts';
import { parseListenAddress } from '../shared/listen-address.ts';
import { startSipServer } from '../sip-server/sip-server.ts';
import { drachtioAddresses } from './drachtio-servers.ts';
import { sipServerObserver } from './observers.ts';
import type { Opened } from './opened.ts';
import type { FreeswitchSettings } from './room-settings.ts';
import { StartFault, underKey } from './start-fault.ts';

/** What a server may take to answer, and how long servers that start at the same time as we are waited for. */
const answerMs = 3000;
const attempts = 20;
const pauseMs = 500;

const key = 'media.freeswitch';
const secretName = 'TONELOCK_FREESWITCH_SECRET';

/**
 * What the room needs for FreeSWITCH; undefined where another engine runs. Where we connect to no SIP server the room gets one of
 * its own: it starts before the way in opens, and nothing but INVITEs to FreeSWITCH goes by it.
 * @throws {StartFault} naming the key: no secret, the public one, no server that answers, or one that writes keys into its log.
 */
export async function openFreeswitch(
  config: Config,
  secrets: Secrets,
  telemetry: Telemetry,
  clock: Clock,
  opened: Opened,
): Promise<FreeswitchSettings | undefined> {
  if (config.media.engine !== 'freeswitch') return undefined;
  const servers = freeswitchServers(config, secrets);
  await mustBeFit(servers, clock);
  const linked = config.sip.server === 'drachtio' ? drachtioAddresses(config.sip, secrets) : [];
  if (linked.length > 0) return { servers, sip: linked };
  const secret = randomUUID();
  const host = servers[0]?.listen.host ?? '127.0.0.1';
  const server = await underKey(`${key}.listen`, () =>
    startSipServer({
      listen: [`udp/${host}:0`],
      clients: { host: '127.0.0.1', port: 0 },
      secret,
      sources: { known: () => false, unknown: 'ignore' },
      observer: sipServerObserver(telemetry),
    }),
  );
  opened.add(() => server.close());
  return { servers, sip: [{ host: '127.0.0.1', port: server.clientPort, secret }] };
}

/** @throws {StartFault} where the secret is missing, or is the one that FreeSWITCH comes with. */
export function freeswitchServers(config: Config, secrets: Secrets): FreeswitchSettings['servers'] {
  const secret = secrets.freeswitch;
  if (secret === undefined) throw new StartFault(key, `${secretName} must be in the environment`);
  if (isDefaultSecret(secret))
    throw new StartFault(key, `${secretName} is the one that the server comes with: choose another`);
  return [config.media.freeswitch].flat().map(({ address, port, profile, listen }) => ({
    host: address,
    port,
    secret,
    profile,
    listen: parseListenAddress(listen),
  }));
}

/** One that is away now may come later, and is judged then by the room; one that is there and unfit is refused at once. */
async function mustBeFit(servers: FreeswitchSettings['servers'], clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const faults = await Promise.all(servers.map((server) => askFitness(server, server.profile, answerMs)));
    for (const [at, [fault]] of faults.entries()) {
      const { host, port } = servers[at] ?? { host: '', port: 0 };
      if (fault !== undefined && fault !== 'no answer') throw new StartFault(key, `${host}:${port}: ${fault}`);
    }
    if (faults.some((list) => list.length === 0)) return;
    if (attempt === attempts) throw new StartFault(key, 'no FreeSWITCH answers');
    await new Promise<void>((done) => clock.after(pauseMs, done));
  }
}
