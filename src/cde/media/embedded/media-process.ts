import { Socket } from 'node:net';
import { askForPriority, priorities } from '../../../shared/priority.ts';
import { eachMessage, Outbox } from '../../outbox.ts';
import { chooseIo } from './choose-io.ts';
import { KeyWriter, keyPipeFd, messageChannelFd } from './key-pipe.ts';
import { unpackOrder } from './leg-order.ts';
import { type MediaRequest, mediaRequests, toProcessSchema } from './media-messages.ts';
import { RelayHost } from './relay-host.ts';

/*
 * The main of a media process, a child of the room. It has no console: it speaks by its message channel and its key pipe,
 * and an exception ends it without a word, for a stack trace could show what must not be seen.
 */

/** So long a process whose room has died goes on to keep the agent legs silent, before it ends and all sound with it. */
const orphanMs = 10_000;

const pipe = new Socket({ fd: keyPipeFd, readable: false, writable: true });
pipe.on('error', () => undefined);
const keys = new KeyWriter(pipe, keyPipeFd);

const host = new RelayHost((wanted) => chooseIo(wanted, { wakeFds: [messageChannelFd], blocking: true }), {
  pressed: (call, generation, key, at, carrier) => keys.write(call, generation, key, at, carrier),
  lost: (call, leg) => say({ lost: { call, leg } }),
  leaked: (call, kind) => say({ leaked: { call, kind } }),
});

function say(message: object): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Answers of one turn are one message; what comes by itself does not wait for the turn's end. */
const answers = new Outbox((messages) => say(messages));

async function answer(message: unknown): Promise<void> {
  const inward = toProcessSchema.safeParse(message);
  if (!inward.success) return;
  if ('configure' in inward.data) {
    configure(inward.data.configure);
    return;
  }
  const { id, kind } = inward.data;
  const ask = mediaRequests[kind].ask.safeParse(inward.data.ask);
  try {
    if (!ask.success) throw new TypeError('a request out of shape');
    answers.send({ id, ok: true, answer: await host.handle<MediaRequest>(kind, ask.data) });
  } catch {
    answers.send({ id, ok: false });
  }
}

function configure(order: Parameters<typeof unpackOrder>[0]): void {
  try {
    host.configure(unpackOrder(order));
  } catch {
    say({ failed: { call: order.call } });
  }
}

process.title = 'tonelock-media';
askForPriority(priorities.media);
process.on(
  'message',
  eachMessage((message) => void answer(message)),
);
process.on('disconnect', () => {
  host.orphan();
  setTimeout(() => process.exit(0), orphanMs);
});
for (const fault of ['uncaughtException', 'unhandledRejection'] as const) process.on(fault, () => process.exit(70));
// Signals go to whole process groups; the room alone says when media ends. SIGUSR1 would open the inspector.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => undefined);
