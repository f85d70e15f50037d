import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import Srf from 'drachtio-srf';
import { parseRequestRule } from '../../../src/sip-server/routing/request-rule.ts';
import { type ReceivedSip, SipPeer } from '../../support/sip-peer.ts';
import { sipRequest } from '../../support/sip-text.ts';
import { type App, connected, once, Side, until } from './two-servers.ts';

const secret = 'test secret';
export const closing: (() => Promise<void> | void)[] = [];

/** To be called after each test. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

export async function sideWith(...rules: string[]): Promise<Side> {
  const side = await Side.open({ rules: rules.map(parseRequestRule) });
  closing.push(() => side.close());
  return side;
}

export async function tagged(side: Side, ...tags: string[]): Promise<App> {
  const app = await connected(side.server, secret, tags);
  closing.push(() => app.disconnect());
  return app;
}

/** An HTTP server that says what is to become of a request, and keeps what it was asked. */
export async function answering(answer: unknown, delay?: Promise<void>): Promise<{ url: string; asked: URL[] }> {
  const asked: URL[] = [];
  const server: Server = createHttpServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://127.0.0.1'));
    void (delay ?? Promise.resolve()).then(() => {
      response.setHeader('content-type', 'application/json');
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once((listener) => server.once('listening', listener));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/route?of=us`, asked };
}

interface ListeningApp {
  readonly app: App;
  readonly hostPort: string;
  /** Connections that the server has made. */
  readonly connections: () => number;
}

/** An application that waits for the server to connect: drachtio-srf's `listen`. */
export async function listening(said = secret): Promise<ListeningApp> {
  const app = new Srf() as unknown as App & { listen(options: object): NetServer };
  app.on('error', () => undefined);
  let connections = 0;
  const server = createServer();
  server.on('connection', (socket) => {
    connections += 1;
    closing.push(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once((listener) => server.once('listening', listener));
  app.listen({ server, secret: said });
  closing.push(() => void server.close());
  return { app, hostPort: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

export async function peerAt(
  side: Side,
): Promise<{ peer: SipPeer; invite(user?: string): ReceivedSip | Promise<ReceivedSip> }> {
  const peer = await SipPeer.open();
  closing.push(() => peer.close());
  return { peer, invite: (user) => ask(peer, side, user) };
}

export const inviteText = (peer: SipPeer, side: Side, user: string): string =>
  sipRequest('INVITE', `${side.uri('udp', user)};tenant=acme;method=FORGED`, {
    via: peer.hostPort,
    branch: 'z9hG4bKdirected',
    from: `<sip:ann@${peer.hostPort}>;tag=peer`,
    to: `<${side.uri('udp', 'bob')}>`,
    callId: 'directed-1',
    cseq: 1,
    headers: [['Contact', `<sip:ann@${peer.hostPort}>`]],
  });

async function ask(peer: SipPeer, side: Side, user = 'x'): Promise<ReceivedSip> {
  peer.send(inviteText(peer, side, user), { address: '127.0.0.1', port: side.port('udp') });
  await until(() => peer.log.some(({ status = 0 }) => status >= 200));
  return peer.log.find(({ status = 0 }) => status >= 200) as ReceivedSip;
}
