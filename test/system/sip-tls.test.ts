import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as plain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import Srf from 'drachtio-srf';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TlsSettings } from '../../src/sip-server/transport/tls-settings.ts';
import { hasCommand } from '../support/sipp.ts';
import { type App, type AppDialog, Side, sdp, until } from '../unit/sip-server/two-servers.ts';

let folder: string;
const sides: Side[] = [];

/** A key and a certificate for 127.0.0.1, by `issuer` or by itself. */
function certificate(name: string, issuer?: string): void {
  const at = (file: string): string => join(folder, file);
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' });
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at(`${name}.key`)];
  const signer = issuer === undefined ? [] : ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`)];
  openssl('req', '-x509', ...key, '-days', '2', ...subject, ...signer, '-out', at(`${name}.pem`));
}

const file = (name: string): string => readFileSync(join(folder, name), 'utf8');

function settings(name: string, clientCertificates: TlsSettings['clientCertificates'] = 'ignore'): TlsSettings {
  return { cert: file(`${name}.pem`), key: file(`${name}.key`), ca: file('authority.pem'), clientCertificates };
}

async function open(tls: TlsSettings): Promise<Side> {
  const side = await Side.open({ listen: ['tls/127.0.0.1:0', 'udp/127.0.0.1:0'], tls });
  await until(() => side.server.counts().clients === 1);
  sides.push(side);
  return side;
}

const tlsPort = (side: Side): number => side.server.listenPoints.find(({ protocol }) => protocol === 'tls')?.port ?? 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonelock-tls-'));
  if (!hasCommand('openssl')) return;
  certificate('authority');
  certificate('gateway', 'authority');
  certificate('trunk', 'authority');
  certificate('stranger');
});

afterEach(async () => {
  for (const side of sides.splice(0)) await side.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Says OPTIONS over a connection of these settings. @returns the first line of the answer, or why there was none. */
async function ask(side: Side, options: object): Promise<string> {
  const port = tlsPort(side);
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: file('authority.pem'), ...options });
  const answer = new Promise<string>((done) => {
    socket.once('data', (bytes) => done(String(bytes).split('\r\n', 1)[0] ?? ''));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    socket.once('close', () => done('closed'));
  });
  const via = `Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK${Math.random()}`;
  const more = ['From: <sip:a@b>;tag=1', 'To: <sip:c@d>', `Call-ID: ${Math.random()}`, 'CSeq: 1 OPTIONS'];
  socket.write([`OPTIONS sip:c@127.0.0.1 SIP/2.0`, via, ...more, 'Content-Length: 0', '', ''].join('\r\n'));
  const line = await answer;
  socket.destroy();
  return line;
}

describe.skipIf(!hasCommand('openssl'))('SIP over TLS', () => {
  test('carries a whole call both ways over one connection that the caller has made', async () => {
    const [near, far] = [await open(settings('trunk')), await open(settings('gateway'))];
    const arrived = new Promise<AppDialog>((done) => {
      far.app.invite(
        (request, response) => void far.app.createUAS(request, response, { localSdp: sdp(4000) }).then(done),
      );
    });
    const dialog = await near.app.createUAC(`sips:x@127.0.0.1:${tlsPort(far)}`, { localSdp: sdp(3000) });
    expect(dialog.local.contact).toMatch(/transport=tls/);
    const callee = await arrived;
    await callee.modify(sdp(4002));
    const ended = new Promise<void>((done) => dialog.on('destroy', () => done()));
    await callee.destroy();
    await ended;
    expect(far.server.counts()).toMatchObject({ connections: 1, dialogs: 0 });
    expect([...near.events, ...far.events].filter(({ kind }) => kind === 'transport-failure')).toEqual([]);
  });

  test('speaks TLS 1.2 and newer, and nothing older', async () => {
    const side = await open(settings('gateway'));
    side.app.options((_, response) => response.send(200));
    expect(await ask(side, { maxVersion: 'TLSv1.2' })).toBe('SIP/2.0 200 OK');
    expect(await ask(side, {})).toBe('SIP/2.0 200 OK');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await ask(side, old)).toMatch(/ERR_SSL|EPROTO|ECONNRESET|closed/);
  });

  test.each([
    ['ignore', 'none', true],
    ['ignore', 'stranger', true],
    ['check', 'none', true],
    ['check', 'trunk', true],
    ['check', 'stranger', false],
    ['require', 'trunk', true],
    ['require', 'none', false],
    ['require', 'stranger', false],
  ] as const)(
    'with client certificates %s: a peer with %s is served: %s',
    async (clientCertificates, shown, served) => {
      const side = await open(settings('gateway', clientCertificates));
      side.app.options((_, response) => response.send(200));
      const own = shown === 'none' ? {} : { cert: file(`${shown}.pem`), key: file(`${shown}.key`) };
      const line = await ask(side, own);
      if (served) expect(line).toBe('SIP/2.0 200 OK');
      else expect(line).not.toMatch(/^SIP/);
    },
  );

  test('does not call a peer whose certificate is not good', async () => {
    const near = await open(settings('trunk'));
    const impostor = await open(settings('stranger'));
    const call = near.app.createUAC(`sips:x@127.0.0.1:${tlsPort(impostor)}`, { localSdp: sdp(3000) });
    await expect(call).rejects.toMatchObject({ status: 503 });
  });

  test('outlives handshakes that never end, broken ones and plain text', async () => {
    const side = await open(settings('gateway'));
    side.app.options((_, response) => response.send(200));

    const sockets = Array.from({ length: 50 }, () => plain({ host: '127.0.0.1', port: tlsPort(side) }));
    for (const socket of sockets) socket.on('error', () => undefined);
    for (const socket of sockets.slice(25)) socket.write('OPTIONS sip:x SIP/2.0\r\n\r\n');
    expect(await ask(side, {})).toBe('SIP/2.0 200 OK');
    for (const socket of sockets) socket.destroy();
  });
});

test.skipIf(!hasCommand('openssl'))(
  'an application connects by TLS, and calls both ways go by it; plain text at that port is not heard',
  async () => {
    const side = await Side.open({ tls: settings('gateway'), clients: { host: '127.0.0.1', port: 0, tlsPort: 0 } });
    const caller = await Side.open();
    sides.push(side, caller);
    const port = side.server.clientTlsPort ?? 0;
    side.leave();
    await until(() => side.server.counts().clients === 0);
    const app = new Srf() as unknown as App;
    const linked = new Promise((done) => app.on('connect', done as never));
    app.connect({ host: '127.0.0.1', port, secret: 'test secret', tls: { ca: file('authority.pem') } });
    await linked;
    app.invite((request, response) => void app.createUAS(request, response, { localSdp: sdp(4000) }));
    await until(() => side.server.counts().clients === 1);
    const dialog = await caller.app.createUAC(side.uri(), { localSdp: sdp(3000) });
    await dialog.destroy();
    await until(() => side.server.counts().dialogs === 0);
    app.disconnect();
    const stranger = plain({ host: '127.0.0.1', port });
    const closed = new Promise((done) =>
      stranger
        .on('close', done)
        .on('error', () => undefined)
        .resume(),
    );
    stranger.write('41#5d2c|authenticate|test secret|billing,invoice');
    await closed;
    expect(side.server.counts().clients).toBe(0);
  },
);
