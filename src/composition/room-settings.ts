import { availableParallelism } from 'node:os';
import type { RoomSettings } from '../cde/door.ts';
import type { Config } from '../config/config-schema.ts';
import { parseListenAddress } from '../shared/listen-address.ts';

/** Media processes that are started unasked: each takes some 50 MB, and carries a thousand calls and more. */
const autoProcessesMax = 4;

export type FreeswitchSettings = NonNullable<RoomSettings['media']['freeswitch']>;

/** What the walled room needs to know of the configuration, and no more. */
export function roomSettings(config: Config, freeswitch?: FreeswitchSettings): RoomSettings {
  const { media, secureMode, payments, limits } = config;
  return {
    media: {
      engine: media.engine,
      io: media.io,
      processes: media.processes === 'auto' ? Math.min(availableParallelism(), autoProcessesMax) : media.processes,
      address: media.address,
      advertisedAddress: media.advertisedAddress ?? null,
      ports: media.ports,
      sourcePolicy: media.sourcePolicy,
      lossMs: {
        first: media.lossSeconds.first * 1000,
        running: media.lossSeconds.running * 1000,
        held: media.lossSeconds.held * 1000,
      },
      portQuarantineMs: media.portQuarantineSeconds * 1000,
      srtp: { caller: media.srtp.customer, agent: media.srtp.agent },
      rtpengine: {
        control: [media.rtpengine.control].flat().map(parseListenAddress),
        events: parseListenAddress(media.rtpengine.events),
      },
      ...(freeswitch === undefined ? {} : { freeswitch }),
    },
    secureAudio: secureMode.audio,
    betweenCaptures: secureMode.betweenCaptures,
    lookBackMs: secureMode.lookBackMs,
    fill: secureMode.fill,
    onLeak: secureMode.onLeak,
    keepPanAfterDecline: payments.keepPanAfterDecline,
    maxCalls: limits.calls,
    psps: payments.psps,
  };
}
