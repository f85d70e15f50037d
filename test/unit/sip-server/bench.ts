import { expect } from 'vitest';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { type ReceivedSip, SipPeer } from '../../support/sip-peer.ts';
import { header, sipRequest, tagOf } from '../../support/sip-text.ts';
import { type AppDialog, Side, sdp, until } from './two-servers.ts';

/** A server with an application, a peer driven by hand, and the hands of the server's clock. */
export class Bench {
  readonly clock: FakeClock;
  readonly side: Side;
  readonly peer: SipPeer;
  #branch = 0;

  private constructor(clock: FakeClock, side: Side, peer: SipPeer) {
    this.clock = clock;
    this.side = side;
    this.peer = peer;
  }

  static async open(): Promise<Bench> {
    const clock = new FakeClock();
    return new Bench(clock, await Side.open({ clock }), await SipPeer.open());
  }

  /** Closes everything; no timer may be left. */
  async close(): Promise<void> {
    await this.side.close();
    await this.peer.close();
    expect(this.clock.pending).toBe(0);
  }

  request(
    method: string,
    cseq: number,
    more: { branch?: string; toTag?: string; headers?: [string, string][] } = {},
  ): string {
    this.#branch += 1;
    const { hostPort } = this.peer;
    return sipRequest(method, this.side.uri(), {
      via: hostPort,
      branch: more.branch ?? `z9hG4bKtest${this.#branch}`,
      from: `<sip:peer@${hostPort}>;tag=peer`,
      to: `<${this.side.uri()}>${more.toTag === undefined ? '' : `;tag=${more.toTag}`}`,
      callId: 'call-1',
      cseq,
      headers: [['Contact', `<sip:peer@${hostPort}>`], ...(more.headers ?? [])],
    });
  }

  send(text: string): void {
    this.peer.send(text, { address: '127.0.0.1', port: this.side.port('udp') });
  }

  /** Turns the hands a little at a time, so that the sockets come along. */
  async pass(ms: number, stepMs = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.clock.run(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Gives what is on its way between the sockets the time to arrive. */
  async quiet(): Promise<void> {
    for (let round = 0; round < 10; round++) await settle();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  countOf(status: number, method: string): number {
    return this.peer.log.filter((message) => message.status === status && message.method === method).length;
  }

  /** A call from the peer that the application answers; its ACK has not been sent. */
  async answeredCall(
    headers: [string, string][] = [],
    answer: object = {},
  ): Promise<{ dialog: AppDialog; ok: ReceivedSip; toTag: string; branch: string }> {
    const { app, server } = this.side;
    const made = new Promise<AppDialog>((resolve) => {
      app.invite((req, res) => void app.createUAS(req, res, { localSdp: sdp(4000), ...answer }).then(resolve));
    });
    await until(() => server.counts().clients === 1);
    await this.quiet();
    this.send(this.request('INVITE', 1, { branch: 'z9hG4bKinvite', headers }));
    const ok = await this.peer.awaitResponse('INVITE', 200);
    return { dialog: await made, ok, toTag: tagOf(header(ok, 'to')), branch: 'z9hG4bKinvite' };
  }
}
