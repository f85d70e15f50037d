import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeSipPort } from '../support/free-ports.ts';
import { Side, sdp, until } from '../unit/sip-server/two-servers.ts';

const calls = 200;
let side: Side;
const running = new Set<ChildProcess>();

function sipp(args: readonly string[]): ChildProcess {
  const child = spawn('sipp', ['-i', '127.0.0.1', '-nostdin', '-timeout', '60s', ...args], { stdio: 'ignore' });
  running.add(child);
  return child;
}

beforeEach(async () => {
  side = await Side.open();
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await side.close();
});

describe.each([
  ['udp', 'u1'],
  ['tcp', 't1'],
] as const)('SIPp over %s', (protocol, mode) => {
  it(`makes ${calls} calls to an application and ends them, and nothing is left`, async () => {
    let ended = 0;
    side.app.invite((request, response) => {
      void side.app.createUAS(request, response, { localSdp: sdp(4000) }).then((dialog) => {
        dialog.on('destroy', () => {
          ended += 1;
        });
      });
    });
    await until(() => side.server.counts().clients === 1);
    const port = String(await freeSipPort());
    const uac = sipp([
      '-sn',
      'uac',
      '-t',
      mode,
      '-p',
      port,
      '-r',
      '100',
      '-m',
      String(calls),
      '-d',
      '100',
      `127.0.0.1:${side.port(protocol)}`,
    ]);
    const [code] = await once(uac, 'exit');
    expect(code).toBe(0);
    await until(() => ended === calls && side.server.counts().dialogs === 0);
    expect(side.events.filter((event) => event.kind === 'retransmission')).toEqual([]);
  });

  it(`takes ${calls} calls of an application, which ends them, and nothing is left`, async () => {
    const port = await freeSipPort();
    sipp(['-sn', 'uas', '-t', mode, '-p', String(port)]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const uri = `sip:service@127.0.0.1:${port}${protocol === 'tcp' ? ';transport=tcp' : ''}`;
    const call = async (): Promise<void> => {
      const dialog = await side.app.createUAC(uri, { localSdp: sdp(3000) });
      await dialog.destroy();
    };
    for (let made = 0; made < calls; made += 20) await Promise.all(Array.from({ length: 20 }, call));
    expect(side.server.counts().dialogs).toBe(0);
  });
});
