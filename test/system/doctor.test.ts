import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeMediaRange, freeSipPort, freeTcpPort } from '../support/free-ports.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonelock-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Examined {
  readonly status: number | null;
  readonly lines: string[];
  readonly of: (about: string) => string;
}

function doctor(settings: object, env: NodeJS.ProcessEnv = {}): Examined {
  writeFileSync(join(folder, 'tonelock.yaml'), JSON.stringify(settings));
  const { status, stdout } = spawnSync(
    process.execPath,
    [program, 'doctor', '--config', join(folder, 'tonelock.yaml')],
    {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  const lines = stdout.trim().split('\n');
  return { status, lines, of: (about) => lines.find((line) => line.includes(about)) ?? '' };
}

async function soundSettings() {
  const [sip, http, ports] = [await freeSipPort(), await freeTcpPort(), await freeMediaRange(800)];
  return {
    sip: { listen: [`udp/127.0.0.1:${sip}`, `tcp/127.0.0.1:${sip}`] },
    http: { listen: `127.0.0.1:${http}` },
    media: { ports },
    limits: { calls: 100 },
  };
}

test('Ports that are free are fine, each with its key', async () => {
  const settings = await soundSettings();
  const { of, lines } = doctor(settings);
  expect(of('http.listen')).toMatch(/^fine /);
  expect(lines.filter((line) => /^fine {5}sip\.listen/.test(line))).toHaveLength(2);
  expect(of('media.ports')).toMatch(/^fine .*room for 200 calls/);
});

test('Ports that are taken, foreign addresses and a range that is too small are faults with a remedy, and the exit says so', async () => {
  const settings = await soundSettings();
  const holder = createSocket('udp4');
  holder.bind(0, '127.0.0.1');
  await once(holder, 'listening');
  const { status, of } = doctor({
    ...settings,
    sip: { listen: [`udp/127.0.0.1:${holder.address().port}`] },
    http: { listen: '127.9.9.9:80' },
    media: { ports: [20_000, 20_099], address: '203.0.113.9' },
  });
  holder.close();
  expect(of('sip.listen')).toMatch(/^fault .*EADDRINUSE → /);
  expect(of('media.ports')).toMatch(/^fault .*room for 25 calls, and limits\.calls is 100 → /);
  expect(status).toBe(1);
});

test('Neighbours are looked for: those that are there are fine, those that are not, and default secrets, are faults', async () => {
  const settings = await soundSettings();
  const there = createServer((socket) => socket.destroy());
  there.listen(0, '127.0.0.1');
  await once(there, 'listening');
  const port = (there.address() as { port: number }).port;
  const gone = await freeTcpPort();
  const { status, of } = doctor(
    {
      ...settings,
      sip: { server: 'drachtio', drachtio: [{ port }, { port: gone }] },
      media: {
        engine: 'rtpengine',
        rtpengine: { control: `127.0.0.1:${gone}`, events: `127.0.0.1:${await freeSipPort()}` },
      },
      storage: { kind: 'postgres' },
      payments: { defaultPsp: 'own', psps: [{ id: 'own', adapter: 'http', url: `https://127.0.0.1:${gone}/pay` }] },
    },
    { TONELOCK_DRACHTIO_SECRET: 'cymru', TONELOCK_DATABASE_URL: `postgres://nobody@127.0.0.1:${gone}/none` },
  );
  there.close();
  expect(of(`sip.drachtio 127.0.0.1:${port}`)).toMatch(/^fine /);
  expect(of(`sip.drachtio 127.0.0.1:${gone}`)).toMatch(/^fault .*ECONNREFUSED → /);
  expect(of('TONELOCK_DRACHTIO_SECRET')).toMatch(/^fault .* → choose another/);
  expect(of('media.rtpengine.control')).toMatch(/^fault .*no answer → /);
  expect(of('storage.kind')).toMatch(/^fault .*ECONNREFUSED → /);
  expect(of('payments.psps own')).toMatch(/^fault .*ECONNREFUSED → /);
  expect(status).toBe(1);
});
