import { z } from 'zod';
import { systemClock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { makeAuthoriser } from './authorisation/make-authoriser.ts';
import { wipeEverything } from './entry/wipe-registry.ts';
import { harden, isWatched } from './hardening.ts';
import { startEngine } from './media/start-engine.ts';
import { eachMessage, Outbox } from './outbox.ts';
import { Room } from './room.ts';
import { RoomServer } from './room-server.ts';
import { roomSettingsSchema } from './room-settings.ts';
import { Speaker } from './speaker.ts';

/*
 * The cardholder data process. It prints nothing, not even when it dies: its standard streams are closed, and an error's
 * text may quote a digit. The first message of the gateway is its settings, and the answer to them has the id 0.
 */

/** sysexits.h: EX_SOFTWARE and EX_USAGE. */
const exitOurFault = 70;
const exitMisused = 64;
/** How long the media side has for its goodbyes. */
const closingMs = 2_000;

if (process.send === undefined || isWatched(process.execArgv, process.env)) process.exit(exitMisused);
harden(process);

const outbox = new Outbox((messages, sent) => {
  if (process.connected) process.send?.(messages, undefined, undefined, sent);
});
const clock = systemClock;
const speaker = new Speaker(outbox, clock);
let room: Room | undefined;

/** Ends after a fault of our own: the digits go first, and nothing is said but a word. */
function fall(): void {
  wipeEverything();
  process.exit(exitOurFault);
}

/** The gateway is gone: nobody can say any more who may hear whom, so the calls end as they are, secured or not. */
async function leave(): Promise<void> {
  wipeEverything();
  const deadline = setTimeout(() => process.exit(0), closingMs);
  await room?.close();
  clearTimeout(deadline);
  process.exit(0);
}

process.on('uncaughtException', fall);
process.on('unhandledRejection', fall);
process.on('disconnect', () => void leave().catch(fall));

async function open(first: unknown): Promise<void> {
  const { settings } = z.strictObject({ settings: roomSettingsSchema }).parse(first);
  const tell = speaker.tell.bind(speaker);
  const opened = await Room.open({
    settings,
    clock,
    startEngine,
    makeAuthoriser: (vault) => makeAuthoriser(settings, vault, clock, tell),
    tell,
  });
  room = opened;
  const server = new RoomServer(opened, speaker, () => process.exit(0));
  process.on(
    'message',
    eachMessage((message) => void server.receive(message).catch(fall)),
  );
  speaker.answer(0, null);
}

process.once('message', (first) => {
  open(first).catch((error: unknown) => {
    const code = error instanceof CodedError ? error.code : 'bad-request';
    speaker.refuse(0, code, () => process.exit(exitMisused));
  });
});
