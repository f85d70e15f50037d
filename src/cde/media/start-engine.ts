import { CodedError } from '../../shared/coded-error.ts';
import type { RoomSettings } from '../room-settings.ts';
import { startEmbeddedEngine } from './embedded/embedded-engine.ts';
import { startFreeswitch } from './freeswitch/freeswitch-engine.ts';
import type { MediaEngine, MediaEvents } from './media-engine.ts';
import { startRtpengine } from './rtpengine/rtpengine-engine.ts';

/** Starts the engine that the settings name. Rejects with `media-failed` where those of the engine are not among them. */
export async function startEngine(settings: RoomSettings, events: MediaEvents): Promise<MediaEngine> {
  const { media, secureAudio, betweenCaptures, lookBackMs, fill } = settings;
  const { engine, rtpengine, freeswitch, ...options } = media;
  if (engine === 'embedded')
    return startEmbeddedEngine({ ...options, secureAudio, betweenCaptures, lookBackMs, fill }, events);
  const { sourcePolicy, lossMs } = options;
  if (engine === 'rtpengine' && rtpengine !== undefined)
    return startRtpengine({ ...rtpengine, sourcePolicy, lossMs, secureAudio, betweenCaptures }, events);
  if (engine === 'freeswitch' && freeswitch !== undefined)
    return startFreeswitch({ ...freeswitch, lossMs, secureAudio, betweenCaptures }, events);
  throw new CodedError('media-failed');
}
