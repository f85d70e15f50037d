import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exchange, type PspRequest } from '../../../src/cde/authorisation/wire/exchange.ts';
import { pspTarget } from '../../../src/cde/authorisation/wire/psp-target.ts';
import type { DigitBuffer } from '../../../src/cde/entry/digit-buffer.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { certificatePath, FaultPsp } from '../../support/fault-psp.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';

const files = {
  ca: certificatePath('ca.pem'),
  cert: certificatePath('client.pem'),
  key: certificatePath('client.key'),
};
/** Type of a TLS record that carries a handshake (RFC 8446 §5.1). */
const handshake = 22;

/** Stands before the provider and keeps what that says first: the handshake stays half done until the test lets it go on. */
class HeldLine {
  readonly #server: Server;
  readonly #ends: Socket[] = [];
  #held: Buffer[] = [];
  #client: Socket | undefined;
  heard = Buffer.alloc(0);

  constructor(providerPort: number) {
    this.#server = createServer((client) => {
      this.#client = client;
      const far = connect(providerPort, '127.0.0.1');
      this.#ends.push(client, far);
      for (const end of [client, far]) end.on('error', () => {});
      client.on('data', (bytes) => {
        this.heard = Buffer.concat([this.heard, bytes]);
        far.write(bytes);
      });
      far.on('data', (bytes) => (this.#held === released ? client.write(bytes) : this.#held.push(bytes)));
    });
  }

  async open(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  get answered(): boolean {
    return this.#held.length > 0;
  }

  release(): void {
    for (const bytes of this.#held) this.#client?.write(bytes);
    this.#held = released;
  }

  close(): void {
    for (const end of this.#ends) end.destroy();
    this.#server.close();
  }
}
const released: Buffer[] = [];

describe('a card is written to a connection that is established', () => {
  let psp: FaultPsp;
  let line: HeldLine;
  let pan: DigitBuffer;

  beforeEach(async () => {
    psp = await FaultPsp.open({ tls: true });
    pan = filledBuffer('4111111111111111');
    line = new HeldLine(Number(new URL(psp.url).port));
  });
  afterEach(async () => {
    line.close();
    pan[Symbol.dispose]();
    await psp.close();
  });

  /** Asks by the line, and waits until the provider has answered the first word of the handshake. */
  const asked = async () => {
    const port = await line.open();
    const body = ['{"number":"', pan, '"}'];
    const request: PspRequest = { method: 'POST', path: '', headers: {}, body, quotable: [pan] };
    const before = liveWipeables();
    const target = pspTarget(`https://${new URL(psp.url).hostname}:${port}/`, files);
    const wait = { target, clock: systemClock, connectMs: 10_000 };
    const done = exchange(wait, request, new AbortController().signal);
    await expect.poll(() => line.answered).toBe(true);
    return { before, done };
  };

  it('while the handshake is under way there are no bytes with it, neither on the line nor in memory', async () => {
    const { before, done } = await asked();
    expect(liveWipeables()).toBe(before);
    expect([line.heard[0], line.heard.length]).toEqual([handshake, 5 + line.heard.readUInt16BE(3)]);
    line.release();
    expect(await done).toMatchObject({ kind: 'answered' });
    expect(psp.received.length).toBe(1);
    expect(liveWipeables()).toBe(before);
  });

  it('a line that is cut in the handshake has certainly carried nothing: it may be tried again', async () => {
    const { before, done } = await asked();
    line.close();
    expect(await done).toEqual({ kind: 'not-sent', code: 'connection-failed' });
    expect(psp.received).toEqual([]);
    expect(liveWipeables()).toBe(before);
  });
});
