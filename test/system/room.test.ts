import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Door, type Notice, openRoom } from '../../src/cde/door.ts';
import { newAttemptId, newCallId, newSessionId } from '../../src/shared/ids.ts';
import { freeMediaRange } from '../support/free-ports.ts';
import { samplePolicy, sampleRoomSettings } from '../support/room-bench.ts';

const relay = 'application/dtmf-relay';
const order = { type: 'charge', amount: 4200, currency: 'JPY', details: {}, acceptedSurcharge: null } as const;
const slow = { ...order, amount: 4206 };

const offer = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=sendrecv',
  '',
].join('\r\n');

const opened: Door[] = [];
afterEach(async () => {
  for (const door of opened.splice(0)) await door.close();
});

async function room() {
  const notices: Notice[] = [];
  const deaths: string[] = [];
  const settings = { ...sampleRoomSettings, media: { ...sampleRoomSettings.media, ports: await freeMediaRange(40) } };
  const door = await openRoom(settings, {
    notice: (notice) => void notices.push(notice),
    died: (reason) => void deaths.push(reason),
    badMessage: () => void deaths.push('bad message'),
  });
  opened.push(door);
  const until = async (kind: Notice['kind']): Promise<Notice> => {
    for (let waited = 0; waited < 5_000; waited += 20) {
      const found = notices.findIndex((notice) => notice.kind === kind);
      const [notice] = found < 0 ? [] : notices.splice(0, found + 1).slice(-1);
      if (notice !== undefined) return notice;
      await pause(20);
    }
    throw new Error(`no ${kind} came`);
  };
  return { door, deaths, until, settings };
}

/** A call with media on both sides. */
async function answeredCall(door: Door) {
  const call = newCallId();
  expect(await door.beginCall(call, 'caller', offer)).toContain('m=audio');
  expect(await door.passAnswer(call, 'agent', offer)).toContain('telephone-event');
  return call;
}

async function key(door: Door, call: ReturnType<typeof newCallId>, keys: string): Promise<void> {
  for (const one of keys) await door.infoReceived(call, 'caller', relay, `Signal=${one}\r\nDuration=100\r\n`);
}

const gone = async (pid: number): Promise<boolean> => {
  for (let waited = 0; waited < 5_000; waited += 20) {
    if (!existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    await pause(20);
  }
  return false;
};

it('a real room takes a card by SIP INFO and a payment with it, and ends when it is closed', async () => {
  const { door, until, deaths } = await room();
  const call = await answeredCall(door);
  const session = newSessionId();
  await door.openField(call, session, 'pan', samplePolicy);
  await key(door, call, '4111111111111111#');
  expect(await until('field.completed')).toMatchObject({ digits: 16, brand: 'visa', lastFour: '1111', value: null });
  await door.release(call);
  await door.openField(call, session, 'cvc', samplePolicy);
  await key(door, call, '123');
  expect(await until('field.completed')).toMatchObject({ field: 'cvc', digits: 3 });
  await door.release(call);
  const outcome = await door.authorise(session, newAttemptId(), 'simulator', order, true);
  expect(outcome).toMatchObject({ outcome: 'approved', reference: expect.stringMatching(/^SIM-/) });
  await expect(door.openField(call, session, 'cvc', samplePolicy)).rejects.toMatchObject({ code: 'cvc-before-pan' });
  await door.endCall(call);
  const { pid } = door;
  await door.close();
  expect(pid !== undefined && (await gone(pid))).toBe(true);
  expect(deaths).toEqual([]);
});

it('killed in the middle of an authorisation, the room leaves it open to the gateway and says that it died', async () => {
  const { door, until, deaths } = await room();
  const call = await answeredCall(door);
  const session = newSessionId();
  await door.openField(call, session, 'pan', samplePolicy);
  await key(door, call, '4111111111111111#');
  await until('field.completed');
  await door.release(call);
  await door.openField(call, session, 'cvc', samplePolicy);
  await key(door, call, '123');
  await until('field.completed');
  const asked = door.authorise(session, newAttemptId(), 'simulator', slow, true).catch((error: unknown) => error);
  await pause(200);
  process.kill(door.pid ?? 0, 'SIGKILL');
  expect(await asked).toMatchObject({ code: 'cde-lost' });
  await expect(door.describePsps()).rejects.toMatchObject({ code: 'cde-lost' });
  expect(deaths).toEqual(['signal SIGKILL']);
});

it('the process of the room writes no core, inherits no secret, and opens no inspector', async () => {
  process.env['TONELOCK_DATABASE_URL'] = 'postgres://in-nobodys-room';
  const { door } = await room();
  delete process.env['TONELOCK_DATABASE_URL'];
  const pid = door.pid ?? 0;
  expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('TONELOCK_DATABASE_URL');
  const listening = () => readFileSync(`/proc/${pid}/net/tcp`, 'latin1').includes(':240D 00000000:0000 0A');
  const before = listening();
  process.kill(pid, 'SIGUSR1');
  process.kill(pid, 'SIGTERM');
  await pause(300);
  expect(listening()).toBe(before);
  expect(await door.describePsps()).toHaveLength(3);
});

it('the room ends when its gateway is killed', async () => {
  const { settings } = await room();
  const door = join(import.meta.dirname, '..', '..', 'dist', 'cde', 'door.js');
  const program = `
    const { openRoom } = await import(${JSON.stringify(door)});
    const none = () => {};
    const room = await openRoom(${JSON.stringify({ ...settings, media: { ...settings.media, ports: await freeMediaRange(40) } })},
      { notice: none, died: none, badMessage: none });
    process.stdout.write(String(room.pid));
    setInterval(none, 1000);`;
  const gateway = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(
    await new Promise<string>((resolve) => gateway.stdout.once('data', (data) => resolve(String(data)))),
  );
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  gateway.kill('SIGKILL');
  expect(await gone(pid)).toBe(true);
});
