import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load-config.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'docker');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const files = readdirSync(folder);

/** Instructions of a Dockerfile, continued lines joined, comments left out. */
const instructions = (text: string): string[] =>
  text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly healthcheck?: object;
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly build?: { readonly context: string; readonly dockerfile: string };
}
interface Compose {
  readonly services: Record<string, Service>;
  readonly secrets?: Record<string, { readonly file: string }>;
}

describe.each(files.filter((name) => name.endsWith('Dockerfile')))('%s', (name) => {
  const lines = instructions(read(name));

  test('builds on images with a tag that is not latest', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases.length).toBeGreaterThan(0);
    for (const base of bases) expect(base).toMatch(/^FROM [\w./-]+:(?!latest)[\w.-]+( AS \w+)?$/);
  });

  test('does not run as root, adds nothing from elsewhere, and starts without a shell', () => {
    const user = lines.filter((line) => line.startsWith('USER ')).at(-1);
    expect(user).toMatch(/^USER (?!root|0)\w+$/);
    expect(lines.filter((line) => /^ADD |curl |wget |sudo /.test(line))).toEqual([]);
    expect(lines.filter((line) => /^(?:ENTRYPOINT|CMD) (?!\[)/.test(line))).toEqual([]);
  });

  test('installs exact packages only and leaves no lists behind', () => {
    for (const line of lines.filter((text) => text.includes('apt-get install'))) {
      expect(line).toMatch(/--no-install-recommends/);
      expect(line).toMatch(/rm -rf \/var\/lib\/apt\/lists/);
      const packages = /apt-get install ([^&]*)/.exec(line)?.[1]?.split(/\s+/) ?? [];
      for (const one of packages.filter((word) => word !== '' && !word.startsWith('-'))) expect(one).toMatch(/=/);
    }
  });
});

describe.each(files.filter((name) => name.startsWith('compose')))('%s', (name) => {
  const compose = parse(read(name), { merge: true }) as Compose;
  const services = Object.entries(compose.services);

  test.each(services)('%s is pinned, restarts, and may gain nothing', (_, service) => {
    expect(service.image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]*\d[\w.-]*$/);
    expect(service.restart).toBe('unless-stopped');
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.privileged).toBeUndefined();
  });

  test.each(services)('%s says whether it is well, itself or by its image', (_, service) => {
    const dockerfile = service.build?.dockerfile.replace(/^docker\//, '');
    const byImage = dockerfile !== undefined && /^HEALTHCHECK /m.test(read(dockerfile));
    expect(service.healthcheck !== undefined || byImage).toBe(true);
  });

  test('has no secret in it, publishes on loopback only, and mounts files that are there', () => {
    for (const [, { environment = {}, ports = [], volumes = [] }] of services) {
      for (const [key, value] of Object.entries(environment))
        if (/SECRET|PASSWORD|URL/.test(key))
          expect([key, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const volume of volumes.filter((text) => text.startsWith('./')))
        expect(files).toContain(volume.split(':')[0]?.slice(2));
    }
    for (const { file } of Object.values(compose.secrets ?? {})) expect(file).toMatch(/^\.\/secrets\//);
  });
});

test.each(files.filter((name) => /^(?:tonelock|gateway-\w+)\.yaml$/.test(name)))(
  '%s is a sound configuration',
  (name) => {
    expect(parseConfig(read(name))).toHaveProperty('config');
  },
);

test('The gateways of one compose file share no port and no chain', () => {
  const both = ['gateway-1.yaml', 'gateway-2.yaml'].map((name) => {
    const result = parseConfig(read(name));
    if (!('config' in result)) throw new Error('not sound');
    const { http, storage, media } = result.config;
    return [http.listen, storage.chain, media.rtpengine.events];
  });
  for (const [at, value] of (both[0] ?? []).entries()) expect(value).not.toBe(both[1]?.[at]);
});

test('FreeSWITCH writes no key, remembers none, has its secret from outside, and answers our channels', () => {
  const text = read('freeswitch/freeswitch.xml').replaceAll(/<!--.*?-->/gs, '');
  expect([...text.matchAll(/name="loglevel" value="(\w+)"/g)].map(([, level]) => level)).toEqual(['err', 'err']);
  expect(text).not.toMatch(/sensitive_dtmf|mod_cdr|mod_logfile|ClueCon/);
  expect(text).toContain('<param name="password" value="$${event_socket_password}"/>');
  expect(text).toContain('data="event_socket_password=$FREESWITCH_SECRET"');
  for (const one of ['mod_spandsp', 'mod_event_socket', 'mod_sofia']) expect(text).toContain(`module="${one}"`);
  const dialplan = text.slice(text.indexOf('<section name="dialplan">'));
  expect([...dialplan.matchAll(/<action application="(\w+)"/g)].map(([, action]) => action).slice(-2)).toEqual([
    'answer',
    'socket',
  ]);
  expect(dialplan).toContain('digits_dialed_filter=^(.*)$');
  const { media } = parse(read('gateway-freeswitch.yaml')) as { media: { freeswitch: { profile: string } } };
  expect(text).toContain(`<profile name="${media.freeswitch.profile}">`);
});

test('Image and service give Node what `npm start` gives it', () => {
  const flags = (text: string): string[] => text.match(/--m\w+-semi-space-size=\d+/g) ?? [];
  const { scripts } = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  expect(flags(scripts.start)).toHaveLength(2);
  for (const name of ['Dockerfile', 'tonelock.service']) expect(flags(read(name))).toEqual(flags(scripts.start));
});

test('Every alert leads to a heading of the runbook', () => {
  const headings = new Set(
    [...read('RUNBOOK.md').matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')),
  );
  const anchors = [...read('alerts.yaml').matchAll(/RUNBOOK\.md#([\w-]+)/g)].map(([, anchor]) => anchor);
  expect(anchors.length).toBeGreaterThan(4);
  expect(anchors.filter((anchor) => !headings.has(anchor ?? ''))).toEqual([]);
});

test('The unit forbids core dumps, swap and new privileges, and waits longer than the drain', () => {
  const unit = read('tonelock.service');
  for (const line of [
    'LimitCORE=0',
    'MemorySwapMax=0',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'Restart=on-failure',
    // Where the default storage.path is, and may be written.
    'WorkingDirectory=/var/lib/tonelock',
    'StateDirectory=tonelock',
  ])
    expect(unit).toContain(`\n${line}\n`);
  const config = parseConfig('');
  if (!('config' in config)) throw new Error('not sound');
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(config.config.drainSeconds);
});
