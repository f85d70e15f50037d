import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { type AppRequest, type AppResponse, Side, until } from '../unit/sip-server/two-servers.ts';
import { afresh, plainOptions, type TortureMessage } from './torture-messages.ts';

const patienceMs = 20_000;
/** Datagrams get lost where a buffer is full; T1 of RFC 3261. */
const askAgainMs = 500;
const accepted = channel('net.server.socket');

function serve(request: AppRequest, response: AppResponse): void {
  if (!/application\/sdp/.test(request.has('Content-Type') ? request.get('Content-Type') : 'application/sdp')) {
    response.send(415, { headers: { Accept: 'application/sdp' } });
  } else response.send(request.has('Accept') && !/sdp/.test(request.get('Accept')) ? 488 : 486);
}

const statusOf = (text: string): number => Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
const callIdOf = (text: string): string | undefined => /^(?:call-id|i)[ \t]*:\s*(.*?)\s*$/im.exec(text)?.[1];

/** What has come by one way, and who waits for it. */
class Inbox {
  text = '';
  #look = (): void => undefined;

  take(text: string): void {
    this.text += text;
    this.#look();
  }

  /** Resolves as soon as `holds` does; asks `again` meanwhile, where what was asked may be lost. */
  async until(holds: (text: string) => boolean, what: string, again?: () => void): Promise<void> {
    if (holds(this.text)) return;
    let timer: NodeJS.Timeout | undefined;
    const asking = again === undefined ? undefined : setInterval(again, askAgainMs);
    await new Promise<void>((done, fail) => {
      timer = setTimeout(() => fail(new Error(`${what}; there is ${JSON.stringify(this.text)}`)), patienceMs);
      this.#look = () => void (holds(this.text) && done());
    }).finally(() => {
      clearTimeout(timer);
      clearInterval(asking);
    });
  }

  /** Final statuses; an answer that was sent again, since nobody acknowledged it, counts once. */
  finals(callId: string | undefined): readonly number[] {
    const own = this.text.split(/^(?=SIP\/2\.0 )/m).filter((text) => callIdOf(text) === callId);
    return own.map(statusOf).filter((status, at, all) => status >= 200 && status !== all[at - 1]);
  }
}

/** A server with an application on it that is played torture messages, each in a transaction of its own. */
export class TortureStage {
  readonly side: Side;
  /** Messages played. */
  played = 0;
  readonly #datagrams: Datagrams;
  readonly #udp = new Inbox();
  /** Calls whose answers are looked at: those of earlier ones are sent again and again, since nobody acknowledges them. */
  #wanted: readonly (string | undefined)[] = [];

  private constructor(side: Side, datagrams: Datagrams) {
    this.side = side;
    this.#datagrams = datagrams;
    datagrams.on('message', (bytes) => {
      const text = bytes.toString('latin1');
      if (this.#wanted.includes(callIdOf(text))) this.#udp.take(text);
    });
  }

  static async open(options: Parameters<typeof Side.open>[0] = {}): Promise<TortureStage> {
    const side = await Side.open({ ...options, limits: { requestsPerSource: 1_000_000 } });
    side.app.invite(serve);
    side.app.options((_, response) => response.send(200));
    side.app.message((_, response) => response.send(200));
    await until(() => side.server.counts().clients === 1);
    return new TortureStage(side, createSocket({ type: 'udp4', recvBufferSize: 4_000_000 }));
  }

  /** One datagram, then an OPTIONS. @throws unless both are answered as they should be. */
  async overUdp(message: TortureMessage): Promise<void> {
    const { bytes, id } = this.#next(message);
    const callId = callIdOf(bytes.toString('latin1'));
    const port = this.side.port('udp');
    const send = (what: string | Buffer) => () => this.#datagrams.send(what, port, '127.0.0.1');
    this.#udp.text = '';
    this.#wanted = [callId, id];
    send(bytes)();
    await this.#udp.until(() => this.#udp.finals(callId).length >= message.overUdp.length, 'no answer', send(bytes));
    const options = send(plainOptions('UDP', id));
    options();
    await this.#udp.until(() => this.#udp.finals(id)[0] === 200, 'no 200 to the OPTIONS after it', options);
    expect(this.#udp.finals(callId), message.name).toEqual(message.overUdp);
  }

  /**
   * One connection that brings the message in two pieces, the second only when the server has read the first; then an
   * OPTIONS, by the same connection where that can bring another message, else by one of its own.
   * @throws unless both are answered as they should be and the connection stands as it should.
   */
  async overTcp(message: TortureMessage, at: number): Promise<void> {
    const { bytes, id } = this.#next(message);
    const { near, far, inbox } = await this.#connect();
    near.write(bytes.subarray(0, at));
    await read(far, at);
    near.write(bytes.subarray(at));
    // Where the server closes it, the last bytes may never be read.
    await read(far, bytes.length);
    const finals = (): readonly number[] =>
      [...inbox.text.matchAll(/^SIP\/2\.0 ([2-6]\d\d)/gm)].map((one) => Number(one[1]));
    await inbox.until(() => finals().length >= message.overTcp.length, `split at ${at}: no answer`);
    expect(finals(), `${message.name}, split at ${at}`).toEqual(message.overTcp);
    if (message.stream === 'closed' && !near.readableEnded) await once(near, 'end');
    const next = message.stream === 'open' ? { near, inbox } : await this.#connect();
    next.near.write(plainOptions('TCP', id));
    const alive = new RegExp(`^SIP/2\\.0 200[^]*^Call-ID: ${id}\r$`, 'm');
    await next.inbox.until((text) => alive.test(text), `split at ${at}: no 200 to the OPTIONS after it`);
    // Reset, not closed: so many closed ones would use up the ports of this machine.
    next.near.resetAndDestroy();
    near.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#datagrams.close();
    await this.side.close();
  }

  #next({ bytes }: TortureMessage): { readonly bytes: Buffer; readonly id: string } {
    this.played += 1;
    return { bytes: afresh(bytes, this.played), id: `alive-${this.played}` };
  }

  /** Both ends of a new connection: the server is in this process. */
  async #connect(): Promise<{ readonly near: Socket; readonly far: Socket; readonly inbox: Inbox }> {
    const port = this.side.port('tcp');
    const other = new Promise<Socket>((done) => {
      const look = (event: unknown): void => {
        const { socket } = event as { socket: Socket };
        if (socket.localPort !== port) return;
        accepted.unsubscribe(look);
        done(socket);
      };
      accepted.subscribe(look);
    });
    const inbox = new Inbox();
    const near = connect(port, '127.0.0.1').setNoDelay(true);
    near.on('error', () => undefined);
    near.on('data', (bytes) => inbox.take(bytes.toString('latin1')));
    await once(near, 'connect');
    return { near, far: await other, inbox };
  }
}

/** Until a socket of the server has read so much, or is closed. */
function read(socket: Socket, bytes: number): Promise<void> {
  return new Promise((done) => {
    const look = (): void => {
      if (socket.bytesRead < bytes && !socket.destroyed && !socket.writableEnded) return;
      socket.off('data', look);
      socket.off('close', look);
      done();
    };
    socket.on('data', look);
    socket.on('close', look);
    look();
  });
}
