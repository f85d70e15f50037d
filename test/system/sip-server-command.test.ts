import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Srf from 'drachtio-srf';
import { afterEach, expect, test } from 'vitest';
import { endWithTests } from '../support/child-processes.ts';
import { SipPeer } from '../support/sip-peer.ts';
import { sipRequest } from '../support/sip-text.ts';
import type { App } from '../unit/sip-server/two-servers.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
let child: ChildProcess | undefined;

afterEach(() => child?.kill('SIGKILL'));

test('the SIP server runs by itself for an application on drachtio-srf, and ends with SIGTERM', async () => {
  const words = ['sip-server', '--listen', 'udp/127.0.0.1:0', 'tcp/127.0.0.1:0', '--port', '0', '--secret', 'S'];
  child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithTests(child);
  let said = '';
  child.stdout?.on('data', (bytes) => (said += String(bytes)));
  while (!said.includes('applications')) await once(child.stdout ?? child, 'data');
  const portOf = (pattern: RegExp): number => Number(pattern.exec(said)?.[1]);
  const app = new Srf() as unknown as App;
  const connected = new Promise((done) => app.on('connect', done as never));
  app.options((_, response) => response.send(200));
  app.connect({ host: '127.0.0.1', port: portOf(/^applications 127\.0\.0\.1:(\d+)/m), secret: 'S' });
  await connected;
  const peer = await SipPeer.open();
  const parts = { from: '<sip:a@b>;tag=1', to: '<sip:c@d>', callId: 'x', cseq: 1 };
  const request = sipRequest('OPTIONS', 'sip:c@127.0.0.1', { via: peer.hostPort, branch: 'z9hG4bKone', ...parts });
  peer.send(request, { address: '127.0.0.1', port: portOf(/^SIP udp\/127\.0\.0\.1:(\d+)/m) });
  expect((await peer.awaitResponse('OPTIONS', 200)).status).toBe(200);
  await peer.close();
  app.disconnect();
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test.each([
  [[], '--secret'],
  [['--secret', 'S', '--port', 'x'], '--port'],
  [['--secret', 'S', '--listen', 'tls/127.0.0.1:0'], 'no certificate'],
  [['--secret', 'S', '--cert', 'x'], '--cert and --key'],
  [['--secret', 'S', '--tls-port', '9023'], '--tls-port'],
  [['--secret', 'S', '--ca', '/nowhere'], '--ca'],
])('with %j it says what is missing and ends with status 2', (words, text) => {
  const env = { ...process.env, TONELOCK_DRACHTIO_SECRET: '' };
  const { status, stderr } = spawnSync(process.execPath, [program, 'sip-server', ...words], { env, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(text);
});
