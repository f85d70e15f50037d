import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lastStep } from '../../src/ledger/postgres/migrations.ts';
import { freeMediaRange, freeSipPort, freeTcpPort } from '../support/free-ports.ts';
import { FreeswitchStandIn } from '../support/freeswitch-stand-in.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

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

async function doctor(settings: object, env: NodeJS.ProcessEnv = {}): Promise<Examined> {
  writeFileSync(join(folder, 'tonelock.yaml'), JSON.stringify(settings));
  const words = [program, 'doctor', '--config', join(folder, 'tonelock.yaml')];
  const options = { env: { ...process.env, NODE_OPTIONS: '', ...env }, timeout: 60_000 };
  // Not synchronously: peers of this process have to answer meanwhile.
  const { status, stdout } = await new Promise<{ status: number | null; stdout: string }>((done) => {
    const child = execFile(process.execPath, words, options, (_, text) =>
      done({ status: child.exitCode, stdout: text }),
    );
  });
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
  const { of, lines } = await doctor(settings);
  expect(of('http.listen')).toMatch(/^fine /);
  expect(lines.filter((line) => /^fine {5}sip\.listen/.test(line))).toHaveLength(2);
  expect(of('media.ports')).toMatch(/^fine .*room for 200 calls/);
});

test('Ports that are taken, foreign addresses and a range that is too small are faults with a remedy, and the exit says so', async () => {
  const settings = await soundSettings();
  const holder = createSocket('udp4');
  holder.bind(0, '127.0.0.1');
  await once(holder, 'listening');
  const { status, of } = await doctor({
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
  const { status, of } = await doctor(
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

test('A FreeSWITCH is asked whether it writes keys into its log, and a public or wrong secret is found', async () => {
  const settings = await soundSettings();
  const quiet = await FreeswitchStandIn.start();
  const loud = await FreeswitchStandIn.start({ logLevel: 7 });
  const other = await FreeswitchStandIn.start({ profile: 'another' });
  const gone = await freeTcpPort();
  const servers = [...[quiet, loud, other].map(({ port }) => ({ port })), { port: gone }];
  const freeswitch = { ...settings, media: { engine: 'freeswitch', freeswitch: servers } };
  const line = ({ port }: { readonly port: number }) => `media.freeswitch 127.0.0.1:${port}`;
  try {
    const { status, of } = await doctor(freeswitch, { TONELOCK_FREESWITCH_SECRET: quiet.secret });
    expect(of('TONELOCK_FREESWITCH_SECRET')).toMatch(/^fine /);
    expect(of(line(quiet))).toMatch(/^fine .*writes no key into its log/);
    expect(of(line(loud))).toMatch(/^fault .*it writes keys into its log → set loglevel in switch\.conf\.xml to err/);
    expect(of(line(other))).toMatch(/^fault .*it has no SIP profile drachtio_mrf.* → /);
    expect(of(line({ port: gone }))).toMatch(/^fault .*no answer → start FreeSWITCH/);
    expect(status).toBe(1);
    const wrong = await doctor(freeswitch, { TONELOCK_FREESWITCH_SECRET: 'ClueCon' });
    expect(wrong.of('TONELOCK_FREESWITCH_SECRET')).toMatch(/^fault .* → choose another/);
    expect(wrong.of(line(quiet))).toMatch(/^fault .*the secret is refused → /);
    expect(wrong.lines.join()).not.toContain('ClueCon');
  } finally {
    for (const server of [quiet, loud, other]) server.kill();
  }
});

describe.skipIf(!hasPostgres())('the database of the journal', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.remove());

  const lines = async (url: string): Promise<string[]> => {
    const settings = { ...(await soundSettings()), storage: { kind: 'postgres' } };
    const { lines: all } = await doctor(settings, { TONELOCK_DATABASE_URL: url });
    return all.filter((line) => line.includes('storage.kind'));
  };

  test('is asked what it is, how far its schema is, and what its clock says; nothing is changed in it', async () => {
    const schema = server.newSchema();
    const url = server.url(schema);
    const found = [
      expect.stringMatching(/^fine .*PostgreSQL 15\.\d+ .*answers in \d+ ms$/),
      expect.stringMatching(/^fine .*it has no schema yet: the gateway makes it when it starts$/),
      expect.stringMatching(/^fine .*its clock and this one differ by \d+ ms$/),
    ];
    expect(await lines(url)).toEqual(found);
    expect(server.psql('SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()', schema)).toBe('0');
    server.psql(`CREATE TABLE tonelock_migration (step int); INSERT INTO tonelock_migration VALUES (1)`, schema);
    expect((await lines(url))[1]).toMatch(
      /^fine .*its schema is at step 1 of \d+: the gateway makes it when it starts$/,
    );
    server.psql(`INSERT INTO tonelock_migration VALUES (${lastStep})`, schema);
    expect((await lines(url))[1]).toContain(`its schema is this version's (step ${lastStep})`);
    server.psql('INSERT INTO tonelock_migration VALUES (99)', schema);
    expect((await lines(url))[1]).toMatch(/^warning .*of a later version .* → update the gateway$/);
  });

  test('that a user may not write to, that does not wait for its disk, that refuses or is not there: each with its remedy', async () => {
    const schema = server.newSchema();
    server.psql(`CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA ${schema} TO reader`);
    const url = server.url(schema);
    expect((await lines(url.replace('tonelock@', 'reader@')))[1]).toMatch(/^fault .*may not make it → GRANT CREATE/);
    server.psql('ALTER SYSTEM SET fsync = off');
    server.psql('SELECT pg_reload_conf()');
    await expect.poll(() => server.psql('SHOW fsync')).toBe('off');
    expect((await lines(url)).at(-1)).toMatch(/^fault .*fsync is off.* → fsync = on/);
    expect(await lines(url.replace('/postgres', '/nothing'))).toEqual([
      expect.stringMatching(/^fault .*no answer: 3D000 → create the database/),
    ]);
    expect(await lines(url.replace('tonelock@', 'nobody@'))).toEqual([
      expect.stringMatching(/^fault .*28000 → mend user/),
    ]);
    expect(await lines(server.url(schema, await freeTcpPort()))).toEqual([
      expect.stringMatching(/^fault .*ECONNREFUSED → start the database/),
    ]);
    expect(await lines('postgres:/')).toEqual([expect.stringMatching(/^fault /)]);
  });
});
