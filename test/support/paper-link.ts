import { type Notice, openRoom } from '../../src/cde/door.ts';
import type { RoomLink } from '../../src/cde/room-process.ts';
import { FakeClock } from './fake-clock.ts';
import { sampleRoomSettings } from './room-bench.ts';

/** A request as it went to the room. */
export interface Sent {
  readonly id: number;
  readonly kind: string;
  readonly ask: unknown;
}

/** The far side of the door in the hands of the test. */
export class PaperLink implements RoomLink {
  readonly pid = 4711;
  readonly sent: Sent[] = [];
  killed = false;
  #message: (message: unknown) => void = () => {};
  #end: (reason: string) => void = () => {};

  send(message: unknown): void {
    this.sent.push(message as Sent);
  }

  kill(): void {
    this.killed = true;
    this.end('signal SIGKILL');
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }

  onEnd(listener: (reason: string) => void): void {
    this.#end = listener;
  }

  say(message: unknown): void {
    this.#message(message);
  }

  end(reason: string): void {
    this.#end(reason);
    this.#end = () => {};
  }

  /** Answers the request that was sent last. */
  answer(answer: unknown): void {
    this.say({ id: this.sent.at(-1)?.id, ok: true, answer });
  }
}

/** A door on paper that is open, and what it has told. */
export async function openedDoor() {
  const link = new PaperLink();
  const clock = new FakeClock();
  const heard = { notices: [] as Notice[], deaths: [] as string[], bad: 0 };
  const listener = {
    notice: (notice: Notice) => void heard.notices.push(notice),
    died: (reason: string) => void heard.deaths.push(reason),
    badMessage: () => {
      heard.bad += 1;
    },
  };
  const opening = openRoom(sampleRoomSettings, listener, clock, () => link);
  link.say({ id: 0, ok: true, answer: null });
  const door = await opening;
  return { door, link, clock, heard };
}
