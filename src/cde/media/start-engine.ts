import { CodedError } from '../../shared/coded-error.ts';
import type { RoomSettings } from '../room-settings.ts';
import { startEmbeddedEngine } from './embedded/embedded-engine.ts';
import type { MediaEngine, MediaEvents } from './media-engine.ts';

/** Starts the engine that the settings name. Rejects with `media-failed` for one that this build does not have. */
export async function startEngine(settings: RoomSettings, events: MediaEvents): Promise<MediaEngine> {
  const { media, secureAudio, betweenCaptures, lookBackMs, fill } = settings;
  if (media.engine !== 'embedded') throw new CodedError('media-failed');
  const { engine: _, ...options } = media;
  return startEmbeddedEngine({ ...options, secureAudio, betweenCaptures, lookBackMs, fill }, events);
}
