import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { builtFile } from '../../../shared/built-file.ts';
import { type Clock, systemClock, type Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { eachMessage, Outbox } from '../../outbox.ts';
import { KeyReader, keyPipeFd } from './key-pipe.ts';
import { type LegOrder, packOrder } from './leg-order.ts';
import type { LinkEvents, MediaLink, OpenLink } from './media-link.ts';
import {
  fromProcessSchema,
  type MediaAnswer,
  type MediaAsk,
  type MediaRequest,
  mediaRequests,
} from './media-messages.ts';
import { releaseLimitMs } from './suppression.ts';

const answerMs = 3000;
/** A new process must first load its code, on a machine that may be busy; the gateway waits 40 s for all of the room. */
const beginMs = 30_000;
const beatEveryMs = 1000;

/** Forks a media process with no environment, no console and a pipe of its own for keys. */
export const openForkedLink: OpenLink = async (options, events) => {
  const child = fork(builtFile('cde/media/embedded/media-process.js'), [], {
    env: {},
    // Packets make no garbage, so a small nursery will do: a large one would count as memory of the calls.
    execArgv: ['--max-semi-space-size=2'],
    // A session of its own: the terminal's signals do not reach it, and Linux shares out the processor by sessions.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
  });
  const link = new ForkedLink(child, events, systemClock);
  await link.request('begin', options);
  return link;
};

interface Waiting {
  readonly kind: MediaRequest;
  readonly timer: Timer;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: CodedError) => void;
}

class ForkedLink implements MediaLink {
  readonly #child: ChildProcess;
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  readonly #outbox: Outbox;
  #gone = false;
  #closing = false;
  #beat: Timer;

  constructor(child: ChildProcess, events: LinkEvents, clock: Clock) {
    this.#child = child;
    this.#events = events;
    this.#clock = clock;
    this.#outbox = new Outbox((messages) => {
      if (this.#gone) return;
      child.send(messages, (error) => {
        if (error !== null) this.#die();
      });
    });
    const keys = new KeyReader((record) => events.pressed(record));
    const pipe = child.stdio[keyPipeFd] as Readable;
    pipe.on('data', (piece: Buffer) => keys.read(piece));
    pipe.on('error', () => undefined);
    child.on(
      'message',
      eachMessage((message) => this.#take(message)),
    );
    child.on('error', () => this.#die());
    child.on('exit', () => this.#die());
    child.on('disconnect', () => this.#die());
    this.#beat = clock.after(beatEveryMs, () => this.#beatOnce());
  }

  request<K extends MediaRequest>(kind: K, ask: MediaAsk<K>): Promise<MediaAnswer<K>> {
    if (this.#gone) return Promise.reject(new CodedError('media-failed'));
    const id = this.#nextId++;
    const limitMs = kind === 'begin' ? beginMs : kind === 'call.release' ? releaseLimitMs + answerMs : answerMs;
    return new Promise((resolve, reject) => {
      // A process that does not answer cannot be trusted with a lock: it is ended, which ends its sound too.
      const timer = this.#clock.after(limitMs, () => this.#die());
      this.#waiting.set(id, { kind, timer, resolve, reject });
      this.#outbox.send({ id, kind, ask });
    });
  }

  configure(order: LegOrder): void {
    this.#outbox.send({ configure: packOrder(order) });
  }

  close(): void {
    this.#closing = true;
    this.#die();
  }

  #take(message: unknown): void {
    const outward = fromProcessSchema.safeParse(message);
    if (!outward.success) return;
    if ('lost' in outward.data) {
      this.#events.lost(outward.data.lost.call, outward.data.lost.leg);
      return;
    }
    if ('leaked' in outward.data) {
      this.#events.leaked(outward.data.leaked.call, outward.data.leaked.kind);
      return;
    }
    if ('failed' in outward.data) {
      this.#events.failed(outward.data.failed.call);
      return;
    }
    const waiting = this.#waiting.get(outward.data.id);
    if (waiting === undefined) return;
    this.#waiting.delete(outward.data.id);
    waiting.timer.cancel();
    const answer = outward.data.ok ? mediaRequests[waiting.kind].answer.safeParse(outward.data.answer) : undefined;
    if (answer?.success === true) waiting.resolve(answer.data as never);
    else waiting.reject(new CodedError('media-failed'));
  }

  #beatOnce(): void {
    this.request('beat', null).then(
      () => {
        if (!this.#gone) this.#beat = this.#clock.after(beatEveryMs, () => this.#beatOnce());
      },
      () => undefined,
    );
  }

  #die(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#beat.cancel();
    this.#child.kill('SIGKILL');
    for (const { timer, reject } of this.#waiting.values()) {
      timer.cancel();
      reject(new CodedError('media-failed'));
    }
    this.#waiting.clear();
    if (!this.#closing) this.#events.died();
  }
}
