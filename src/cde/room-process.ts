import { type ChildProcess, spawn } from 'node:child_process';
import { builtFile } from '../shared/built-file.ts';
import { eachMessage } from './outbox.ts';

/** The far end of the door: a process that takes messages and may be gone at any moment. */
export interface RoomLink {
  readonly pid: number | undefined;
  /** Harmless when the process is gone. */
  send(message: unknown): void;
  kill(): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, with how it ended: `exit 70`, `signal SIGKILL`, `not started`. */
  onEnd(listener: (reason: string) => void): void;
}

/** What the room may have of the gateway's environment: where to look up names and times, and secrets of providers. */
const passedOn = /^(PATH|TZ|LANG|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|TONELOCK_PSP_[A-Z0-9_]+)$/;

export function roomEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)));
}

/** What a message leaves is gone with the answer: a large nursery would only count as memory of the calls. */
const nursery = '--max-semi-space-size=2';

/**
 * Starts the room. By way of a shell, since only a process itself can forbid its core dumps; the shell turns into the
 * room. No flags of the gateway's are passed on, and nothing that the room might print goes anywhere.
 */
export function startRoomProcess(): RoomLink {
  const entry = builtFile('cde/main.js');
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$1" "$2"', process.execPath, nursery, entry], {
    env: roomEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return linkTo(child);
}

function linkTo(child: ChildProcess): RoomLink {
  let ended: string | undefined;
  const listeners = new Set<(reason: string) => void>();
  const end = (reason: string): void => {
    if (ended !== undefined) return;
    ended = reason;
    for (const listener of listeners) listener(reason);
  };
  child.on('error', () => end('not started'));
  child.on('exit', (code, signal) => end(signal === null ? `exit ${code}` : `signal ${signal}`));
  return {
    pid: child.pid,
    send(message) {
      // The callback takes the error of a pipe that broke in this moment; the end of the process tells the rest.
      if (child.connected) child.send(message as never, () => {});
    },
    kill: () => void child.kill('SIGKILL'),
    onMessage: (listener) => void child.on('message', eachMessage(listener)),
    onEnd: (listener) => void listeners.add(listener),
  };
}
