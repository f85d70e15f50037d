// Run before the tests: installs the Debian tools that the system tests drive, where it may (root, or sudo without a
// password). Where it may not, it says which tests will be skipped. It never fails the run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const tools = [
  { package: 'sip-tester', command: 'sipp', tests: 'calls by SIPp' },
  { package: 'sipvicious', command: 'svmap', tests: 'scanners' },
  { package: 'tshark', command: 'tshark', tests: 'what the agent leg carried' },
  { package: 'multimon-ng', command: 'multimon-ng', tests: 'tones on the agent leg' },
  { package: 'baresip-core', command: 'baresip', tests: 'SRTP with a telephone of another author' },
  { package: 'sox', command: 'sox', tests: 'tones on the agent leg' },
  {
    package: 'chromium-headless-shell',
    command: 'chromium-headless-shell',
    // Heavier, and does as well.
    instead: 'chromium',
    tests: 'the panel and the demo in a browser',
  },
  {
    package: 'postgresql-15',
    file: '/usr/lib/postgresql/15/bin/postgres',
    tests: 'the journal in PostgreSQL',
  },
  { package: 'redis-server', command: 'redis-server', tests: 'several gateways' },
  { package: 'rtpengine-daemon', command: 'rtpengine', tests: 'rtpengine as media engine' },
  { package: 'docker-compose', command: 'docker-compose', tests: 'compose files as Compose reads them' },
  { package: 'kamailio', command: 'kamailio', tests: 'gateways behind Kamailio' },
  {
    package: 'fonts-noto-cjk',
    file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
    tests: 'pictures of the Japanese panel',
  },
];

const aptLimitMs = 600_000;

function onPath(command) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const present = (tool) => (tool.file === undefined ? onPath(tool.command) : existsSync(tool.file));
const missingTools = () => tools.filter((tool) => !present(tool));

/** @returns what to put before `apt-get`, or undefined when this user may not install. */
function installer() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  if (onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return undefined;
}

// A package that brings a service starts it as it is installed, unless this file says no (invoke-rc.d(8)): the tests start
// servers of their own, on ports and in folders of their own.
const withoutServices = [
  'policy=/usr/sbin/policy-rc.d',
  'if [ ! -e "$policy" ]; then',
  '  printf "#!/bin/sh\\nexit 101\\n" > "$policy" && chmod 755 "$policy"',
  '  trap \'rm -f "$policy"\' EXIT',
  'fi',
  'DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@"',
].join('\n');

function apt(prefix, ...words) {
  const [command, ...rest] = [...prefix, 'sh', '-c', withoutServices, 'apt-get', ...words];
  return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'], timeout: aptLimitMs }).status === 0;
}

const missing = missingTools();
const prefix = missing.length === 0 ? undefined : installer();
if (prefix !== undefined) {
  const packages = missing.map((tool) => tool.package);
  process.stdout.write(`installing for the tests: ${packages.join(' ')}\n`);
  apt(prefix, 'update');
  if (!apt(prefix, 'install', '--no-install-recommends', ...packages)) {
    // One package that this release lacks must not keep the others away.
    for (const name of packages) apt(prefix, 'install', '--no-install-recommends', name);
  }
}
for (const tool of missingTools()) {
  if (tool.instead !== undefined && onPath(tool.instead)) continue;
  process.stdout.write(`${tool.package} is missing: these tests will be skipped: ${tool.tests}\n`);
}
