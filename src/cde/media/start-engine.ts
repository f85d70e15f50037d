import { CodedError } from '../../shared/coded-error.ts';
import type { RoomSettings } from '../room-settings.ts';
import type { MediaEngine, MediaEvents } from './media-engine.ts';

/** Starts the engine that the settings name, and loads the code of no other. Rejects with `media-failed` where those of the engine are not among them. */
export async function startEngine(settings: RoomSettings, events: MediaEvents): Promise<MediaEngine> {
  const { media, secureAudio, betweenCaptures, lookBackMs, fill } = settings;
  const { engine, rtpengine, freeswitch, ...options } = media;
  if (engine === 'embedded') {
    const { startEmbeddedEngine } = await import('./embedded/embedded-engine.ts');
    return startEmbeddedEngine({ ...options, secureAudio, betweenCaptures, lookBackMs, fill }, events);
  }
  const { sourcePolicy, lossMs } = options;
  if (engine === 'rtpengine' && rtpengine !== undefined) {
    const { startRtpengine } = await import('./rtpengine/rtpengine-engine.ts');
    return startRtpengine({ ...rtpengine, sourcePolicy, lossMs, secureAudio, betweenCaptures }, events);
  }
  if (engine === 'freeswitch' && freeswitch !== undefined) {
    const { startFreeswitch } = await import('./freeswitch/freeswitch-engine.ts');
    return startFreeswitch({ ...freeswitch, lossMs, secureAudio, betweenCaptures }, events);
  }
  throw new CodedError('media-failed');
}
