import { type DrachtioPeer, realServerIsNamed, startReal } from './drachtio-peer.ts';
import { type FreeswitchPeer, freeswitchIsNamed, startRealFreeswitch } from './freeswitch-peer.ts';
import type { Settings } from './gateway-process.ts';

/**
 * TONELOCK_TEST_MEDIA=freeswitch gives every gateway that chooses no engine of its own the real FreeSWITCH that
 * TONELOCK_TEST_FREESWITCH names, as TONELOCK_TEST_DRACHTIO gives every one the real drachtio-server.
 */
export const mediaIsFreeswitch = process.env['TONELOCK_TEST_MEDIA'] === 'freeswitch' && freeswitchIsNamed;

const part = (settings: Settings | undefined, name: string): Settings => (settings?.[name] ?? {}) as Settings;

/** The real engines behind one gateway, as far as the operator of the tests names any. */
export class RealEngines {
  readonly server: DrachtioPeer | undefined;
  readonly media: FreeswitchPeer | undefined;

  private constructor(server: DrachtioPeer | undefined, media: FreeswitchPeer | undefined) {
    this.server = server;
    this.media = media;
  }

  /** @param settings what the test itself says, which goes before. */
  static async start(settings: Settings | undefined): Promise<RealEngines> {
    const [sip, media] = [part(settings, 'sip'), part(settings, 'media')];
    return new RealEngines(
      realServerIsNamed && sip['server'] === undefined ? await startReal() : undefined,
      mediaIsFreeswitch && media['engine'] === undefined ? await startRealFreeswitch() : undefined,
    );
  }

  get settings(): Settings {
    const { server, media } = this;
    return {
      ...(server && { sip: { server: 'drachtio', drachtio: { host: server.host, port: server.port } } }),
      ...(media && { media: { engine: 'freeswitch', freeswitch: { address: media.host, port: media.port } } }),
    };
  }

  get env(): NodeJS.ProcessEnv {
    const { server, media } = this;
    return {
      ...(server && { TONELOCK_DRACHTIO_SECRET: server.secret }),
      ...(media && { TONELOCK_FREESWITCH_SECRET: media.secret }),
    };
  }

  async kill(): Promise<void> {
    await Promise.all([this.server?.kill(), this.media?.kill()]);
  }
}
