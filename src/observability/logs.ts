import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { guardLine } from './pan-guard.ts';

/** The loggers of the gateway, one a subsystem, declared here and nowhere else. The walled room has none. */
export interface Logs {
  readonly gateway: Logger;
  readonly sip: Logger;
  readonly calls: Logger;
  readonly captures: Logger;
  readonly payments: Logger;
  readonly room: Logger;
  readonly api: Logger;
}

const standardOutput: DestinationStream = { write: (line) => process.stdout.write(line) };

/** @param destination where the lines go after the guard; standard output by default. */
export function createLogs(level: string, destination: DestinationStream = standardOutput): Logs {
  const root = pino(
    {
      level,
      base: null,
      // Epoch milliseconds have thirteen digits and every tenth passes the Luhn check: the guard would eat them.
      timestamp: stdTimeFunctions.isoTime,
    },
    { write: (line) => destination.write(guardLine(line)) },
  );
  const child = (subsystem: string): Logger => root.child({ subsystem });
  return {
    gateway: child('gateway'),
    sip: child('sip'),
    calls: child('calls'),
    captures: child('captures'),
    payments: child('payments'),
    room: child('room'),
    api: child('api'),
  };
}
