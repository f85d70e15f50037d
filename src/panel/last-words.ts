import type { SessionView } from '../payment/session-view.ts';
import type { Frame } from './frame.ts';

export interface LastWordsPorts {
  /** What became of a session that was on the screen. Rejects or resolves with undefined when nobody can say now. */
  readonly ask: (shown: SessionView) => Promise<SessionView | undefined>;
  /** A session that was closed while nothing was heard here. */
  readonly closed: (session: SessionView) => void;
}

/** Follows the session that is shown to its end: money on its way is not lost sight of by a cut of the network (O-10). */
export class LastWords {
  readonly #ports: LastWordsPorts;
  #followed: SessionView | undefined;
  #asking: Promise<void> = Promise.resolve();

  constructor(ports: LastWordsPorts) {
    this.#ports = ports;
  }

  /** After each frame. @param shown the session that is on the screen then, open or closed. */
  take(frame: Frame, shown: SessionView | undefined): void {
    const followed = this.#followed;
    if (shown !== undefined) this.#followed = shown;
    else if (followed === undefined || (frame.type !== 'snapshot' && frame.sessionId !== followed.id)) return;
    else if (frame.type === 'session.closed') this.#followed = undefined;
    // One after the other, so that the last answer stands.
    else this.#asking = this.#asking.then(() => this.#ask(followed));
  }

  async #ask(shown: SessionView): Promise<void> {
    const session = await this.#ports.ask(shown).catch(() => undefined);
    if (session?.state === 'closed' && shown.id === this.#followed?.id) this.#ports.closed(session);
  }
}
