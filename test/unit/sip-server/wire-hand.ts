import { connect, type Socket } from 'node:net';
import { parseSip, type SipText } from '../../support/sip-text.ts';
import { until } from './two-servers.ts';

/** A message of the server: the fields of its line after the message id, and the SIP message below it. */
export interface WireMessage {
  readonly fields: readonly string[];
  readonly bytes: number;
  readonly sip: SipText;
}

/** An application that speaks drachtio's protocol by hand: it sees every field that the library reads. */
export class WireHand {
  readonly messages: WireMessage[] = [];
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  #count = 0;

  private constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk)).on('error', () => undefined);
  }

  static async open(port: number, secret: string, verbs: readonly string[]): Promise<WireHand> {
    const hand = new WireHand(port);
    await hand.ask(`authenticate|${secret}|`);
    for (const verb of verbs) await hand.ask(`route|${verb}`);
    return hand;
  }

  /** Says it and waits for the `response` that names it. */
  async ask(line: string, ...sip: string[]): Promise<WireMessage> {
    this.#count += 1;
    const id = `m${this.#count}`;
    const text = `${id}|${line}${sip.length === 0 ? '' : `\r\n${sip.join('\r\n')}`}`;
    this.#socket.write(`${Buffer.byteLength(text)}#${text}`);
    return this.next(({ fields }) => fields[0] === 'response' && fields[1] === id);
  }

  /** The next message of this kind that was not taken yet. */
  async next(fits: (message: WireMessage) => boolean): Promise<WireMessage> {
    await until(() => this.messages.some(fits), 10_000);
    const at = this.messages.findIndex(fits);
    return this.messages.splice(at, 1)[0] as WireMessage;
  }

  /** A `sip` message whose SIP message is this request, or this status. */
  arrived(what: string | number): Promise<WireMessage> {
    return this.next(({ fields, sip }) => fields[0] === 'sip' && (sip.status ?? sip.method) === what);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let hash = this.#rest.indexOf('#'); hash > 0; hash = this.#rest.indexOf('#')) {
      const end = hash + 1 + Number(this.#rest.toString('latin1', 0, hash));
      if (this.#rest.length < end) return;
      const payload = this.#rest.subarray(hash + 1, end);
      this.#rest = this.#rest.subarray(end);
      const cut = payload.indexOf('\r\n');
      const line = payload.toString('utf8', 0, cut < 0 ? payload.length : cut);
      const below = cut < 0 ? Buffer.alloc(0) : payload.subarray(cut + 2);
      this.messages.push({ fields: line.split('|').slice(1), bytes: below.length, sip: parseSip(below.toString()) });
    }
  }
}
