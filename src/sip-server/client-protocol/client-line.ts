import { randomUUID } from 'node:crypto';
import type { Flow } from '../transport/flow.ts';

/** Who made a message: the network, or this server on its own account. */
export type MessageSource = 'network' | 'application';

/** What the application's library reads beside a SIP message that is passed to it. */
export interface Passage {
  readonly source: MessageSource;
  /** undefined: nothing came by any flow, the server made it up (a timeout, a local failure). */
  readonly flow: Flow | undefined;
  readonly transactionId: string;
  readonly dialogId: string;
  /** For new requests: where they were received. */
  readonly receivedOn: { readonly address: string; readonly port: number } | undefined;
}

let lastTime = { at: Number.NaN, text: '' };

/** `HH:MM:SS.microseconds`, UTC. Many messages fall into one millisecond, and asking the calendar is slow. */
export function lineTime(now: number): string {
  if (lastTime.at !== now) lastTime = { at: now, text: `${new Date(now).toISOString().slice(11, 23)}000` };
  return lastTime.text;
}

const place = (flow: Flow | undefined, bytes: number, now: number): readonly string[] => [
  String(bytes),
  flow?.protocol ?? 'udp',
  flow?.remote.address ?? '',
  String(flow?.remote.port ?? 0),
  lineTime(now),
];

/** The line above a SIP message that is passed up. */
export function passageLine(passage: Passage, bytes: number, now: number): string {
  const { source, flow, transactionId, dialogId, receivedOn } = passage;
  const fields = [randomUUID(), 'sip', source, ...place(flow, bytes, now), transactionId, dialogId];
  if (receivedOn !== undefined) fields.push(receivedOn.address, String(receivedOn.port));
  return `${fields.join('|')}|`;
}

/** The line above a message that was sent for the application: the library builds its own objects from it. */
export function sentLine(
  messageId: string,
  sent: {
    readonly kind: 'request' | 'response';
    readonly flow: Flow;
    readonly transactionId: string;
    readonly dialogId: string;
  },
  bytes: number,
  now: number,
): string {
  const tail = sent.kind === 'request' ? ['Msg sent:', ''] : [sent.dialogId, '', 'Msg sent:', ''];
  const fields = ['OK', 'application', ...place(sent.flow, bytes, now), sent.transactionId, ...tail];
  return answerLine(messageId, fields);
}

/** The line above an answer that a proxied request got; more answers to the same message follow it. */
export const proxiedLine = (messageId: string, flow: Flow | undefined, bytes: number, now: number): string =>
  answerLine(messageId, ['OK', 'network', ...place(flow, bytes, now), '', '', 'continue']);

/** A call that was tried, has begun or is over, in the words of drachtio-server. */
export type CallRecord =
  | { readonly kind: 'attempt'; readonly source: MessageSource }
  | { readonly kind: 'start'; readonly source: MessageSource; readonly role: 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas' }
  | {
      readonly kind: 'stop';
      readonly source: MessageSource;
      readonly reason:
        | 'call-rejected'
        | 'call-canceled'
        | 'normal-release'
        | 'session-expired'
        | 'system-initiated-termination';
    };

export function recordLine(record: CallRecord, now: number): string {
  const detail = record.kind === 'start' ? [record.role] : record.kind === 'stop' ? [record.reason] : [];
  return [randomUUID(), `cdr:${record.kind}`, record.source, lineTime(now), ...detail].join('|');
}

export const answerLine = (messageId: string, fields: readonly string[]): string =>
  [randomUUID(), 'response', messageId, ...fields].join('|');
