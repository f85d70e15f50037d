import type { SessionView } from '../payment/session-view.ts';
import type { Frame } from './frame.ts';

export interface LastWordsPorts {
  /** Rejects or resolves with undefined when the server does not know the session. */
  readonly ask: (id: string) => Promise<SessionView | undefined>;
  /** A session that was closed while nothing was heard here. */
  readonly closed: (session: SessionView) => void;
}

/** Follows the session that is shown to its end: money on its way is not lost sight of by a cut of the network (O-10). */
export class LastWords {
  readonly #ports: LastWordsPorts;
  #followed = '';
  #asking: Promise<void> = Promise.resolve();

  constructor(ports: LastWordsPorts) {
    this.#ports = ports;
  }

  /** After each frame. @param shown the session that is on the screen then, open or closed. */
  take(frame: Frame, shown: string | null): void {
    const followed = this.#followed;
    const about = frame.type === 'snapshot' || frame.sessionId === followed;
    if (shown !== null) this.#followed = shown;
    else if (followed === '' || !about) return;
    else if (frame.type === 'session.closed') this.#followed = '';
    // One after the other, so that the last answer stands.
    else this.#asking = this.#asking.then(() => this.#ask(followed));
  }

  async #ask(id: string): Promise<void> {
    const session = await this.#ports.ask(id).catch(() => undefined);
    if (session?.state === 'closed' && id === this.#followed) this.#ports.closed(session);
  }
}
