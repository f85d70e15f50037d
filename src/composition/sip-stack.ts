import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config-schema.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import { type SipServer, startSipServer } from '../sip-server/sip-server.ts';
import { EmbeddedStack } from '../telephony/sip/embedded/embedded-stack.ts';
import type { SipArrivals, SipPort } from '../telephony/sip-port.ts';
import type { TrunkTable } from '../telephony/trunk-table.ts';
import { type DrachtioLinks, openDrachtio } from './drachtio-servers.ts';
import { sipServerObserver } from './observers.ts';
import type { Opened } from './opened.ts';
import { sipTls } from './sip-tls.ts';
import { underKey } from './start-fault.ts';

/** SIP by whatever the configuration names, not yet open: INVITEs of ours get 503. */
export interface SipStack {
  readonly port: SipPort;
  /** Whether calls can come and go at all. */
  readonly connected: () => boolean;
  /** Lets calls in. @returns the server, where that is in this process. @throws {StartFault} */
  open(arrivals: SipArrivals, trunks: TrunkTable, opened: Opened): Promise<SipServer | undefined>;
}

/** drachtio-srf is loaded only where a drachtio-server is there for it. */
export async function sipStack(
  config: Config,
  links: DrachtioLinks | undefined,
  telemetry: Telemetry,
): Promise<SipStack> {
  const observer = {
    linkUp: () => telemetry.sipLink(true),
    linkDown: () => telemetry.sipLink(false),
    linkSilent: () => telemetry.sipEvent('link-silent'),
    dialogsLost: (dialogs: number) => telemetry.dialogsLost(dialogs),
    linkRefused: () => telemetry.sipEvent('link-refused'),
    unreadable: () => telemetry.sipEvent('unreadable'),
  };
  const seconds = config.sip.sessionExpiresSeconds;
  if (links === undefined) return embeddedStack(config, new EmbeddedStack(observer, seconds), telemetry);
  const { SipServers } = await import('../telephony/sip/drachtio/sip-servers.ts');
  const servers = new SipServers(observer, seconds);
  return {
    port: servers,
    connected: () => servers.connected,
    open: async (arrivals, _, opened) => {
      opened.add(async () => servers.close());
      await openDrachtio(links, servers, arrivals, telemetry);
      return undefined;
    },
  };
}

const embeddedStack = ({ sip, limits }: Config, stack: EmbeddedStack, telemetry: Telemetry): SipStack => ({
  port: stack,
  connected: () => stack.connected,
  open: async (arrivals, trunks, opened) => {
    const tls = sipTls(sip);
    const server = await underKey('sip.listen', () =>
      startSipServer({
        ...(tls === undefined ? {} : { tls }),
        listen: sip.listen,
        ...(sip.advertisedAddress === undefined ? {} : { advertisedAddress: sip.advertisedAddress }),
        // No other application can connect.
        secret: randomUUID(),
        sources: { known: (source) => trunks.find(source) !== undefined, unknown: sip.unknownSources },
        limits: { requestsPerSource: limits.requestsPerSource },
        observer: sipServerObserver(telemetry),
      }),
    );
    opened.add(() => server.close());
    opened.add(async () => stack.close());
    stack.join(server, arrivals);
    return server;
  },
});
