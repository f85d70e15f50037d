import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import { type Ask, inwardSchema, type RequestKind, requests } from './messages.ts';
import type { Room } from './room.ts';
import type { Speaker } from './speaker.ts';

/** Takes the gateway's requests to the room and its answers back. */
export class RoomServer {
  readonly #room: Room;
  readonly #speaker: Speaker;
  readonly #closed: () => void;

  /** `closed` is called when the answer to `room.close` is out. */
  constructor(room: Room, speaker: Speaker, closed: () => void) {
    this.#room = room;
    this.#speaker = speaker;
    this.#closed = closed;
  }

  /** A message of the gateway. What does not fit the vocabulary is dropped; its sender is at fault. */
  async receive(message: unknown): Promise<void> {
    const inward = inwardSchema.safeParse(message);
    if (!inward.success) return this.#speaker.tell({ kind: 'incident', word: 'bad-message', call: null });
    const { id, kind } = inward.data;
    const ask = requests[kind].ask.safeParse(inward.data.ask);
    if (!ask.success) {
      this.#speaker.tell({ kind: 'incident', word: 'bad-message', call: null });
      return this.#speaker.refuse(id, 'bad-request');
    }
    await this.#serve(id, kind, ask.data);
  }

  async #serve<K extends RequestKind>(id: number, kind: K, ask: Ask<K>): Promise<void> {
    try {
      const answer = requests[kind].answer.parse(await this.#room.answer(kind, ask));
      this.#speaker.answer(id, answer, kind === 'room.close' ? this.#closed : undefined);
    } catch (error) {
      if (!(error instanceof CodedError))
        this.#speaker.tell({ kind: 'incident', word: 'assertion-failed', call: null });
      this.#speaker.refuse(id, error instanceof CodedError ? error.code : ourFault(kind));
    }
  }
}

/** What a fault of our own looks like from outside. An authorisation that broke off in the middle may have been sent. */
const ourFault = (kind: RequestKind): ErrorCode => (kind.startsWith('payment.') ? 'cde-lost' : 'media-failed');
