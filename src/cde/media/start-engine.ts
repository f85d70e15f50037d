import { CodedError } from '../../shared/coded-error.ts';
import type { RoomSettings } from '../room-settings.ts';
import { startEmbeddedEngine } from './embedded/embedded-engine.ts';
import type { MediaEngine, MediaEvents } from './media-engine.ts';
import { startRtpengine } from './rtpengine/rtpengine-engine.ts';

/** Starts the engine that the settings name. Rejects with `media-failed` for one that this build does not have. */
export async function startEngine(settings: RoomSettings, events: MediaEvents): Promise<MediaEngine> {
  const { media, secureAudio, betweenCaptures, lookBackMs, fill } = settings;
  const { engine, rtpengine, ...options } = media;
  if (engine === 'embedded')
    return startEmbeddedEngine({ ...options, secureAudio, betweenCaptures, lookBackMs, fill }, events);
  if (engine !== 'rtpengine' || rtpengine === undefined) throw new CodedError('media-failed');
  const { sourcePolicy, lossMs } = options;
  return startRtpengine({ ...rtpengine, sourcePolicy, lossMs, secureAudio, betweenCaptures }, events);
}
