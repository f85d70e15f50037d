import { spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { hasCommand } from '../support/sipp.ts';
import { Side, until } from '../unit/sip-server/two-servers.ts';

/*
 * The scanners of Debian's sipvicious against a server for which they are strangers, and against one that they reach from a
 * trunk's address. They have to run while the server answers, hence as processes of their own.
 */
let side: Side | undefined;

afterEach(async () => {
  await side?.close();
  side = undefined;
});

async function scan(command: string, words: readonly string[]): Promise<string> {
  const child = spawn('timeout', ['60', command, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  await new Promise((done) => child.once('close', done));
  return said;
}

async function open(unknown: 'refuse' | 'ignore' | 'trunk'): Promise<string> {
  const sources = { known: () => unknown === 'trunk', unknown: unknown === 'ignore' ? unknown : ('refuse' as const) };
  side = await Side.open({ sources });
  side.app.invite((_, response) => response.send(404));
  side.app.options((_, response) => response.send(200));
  const { server } = side;
  await until(() => server.counts().clients === 1);
  return String(side.port('udp'));
}

describe.skipIf(!hasCommand('svmap'))('scanners', () => {
  it('find nothing at all where strangers are ignored', async () => {
    const port = await open('ignore');
    expect(await scan('svmap', ['-p', port, '127.0.0.1'])).toMatch(/found nothing/i);
    expect(side?.events.filter(({ kind }) => kind === 'rejected')).toEqual([]);
  });

  it('learn no user and no name of the software where strangers are refused', async () => {
    const port = await open('refuse');
    const found = await scan('svwar', ['-p', port, '-e', '100-120', '-m', 'INVITE', '127.0.0.1', '--force']);
    expect(found).not.toMatch(/reqauth|noauth/);
    expect(await scan('svmap', ['-p', port, '127.0.0.1'])).not.toMatch(/tonelock|node|drachtio/i);
    expect(side?.server.counts().transactions).toBe(0);
  });

  it('get no challenge to try passwords on, not even from the address of a trunk', async () => {
    const port = await open('trunk');
    const cracked = await scan('svcrack', ['-p', port, '-u', '100', '-r', '100-120', '127.0.0.1']);
    expect(cracked).not.toMatch(/The password for/i);
    const users = await scan('svwar', ['-p', port, '-e', '100-120', '127.0.0.1', '--force']);
    expect(users).not.toMatch(/reqauth|noauth/);
    expect(side?.server.counts().dialogs).toBe(0);
  });
});
