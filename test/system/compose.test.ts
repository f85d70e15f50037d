import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hasCommand } from '../support/sipp.ts';

const folder = join(import.meta.dirname, '..', '..', 'docker');
const files = readdirSync(folder).filter((name) => /^compose.*\.yaml$/.test(name));

interface Whole {
  readonly services: Record<string, { readonly network_mode?: string; readonly secrets?: readonly unknown[] }>;
}

/** As Compose reads them, with what it fills in; nothing is started, and no engine is needed. */
describe.skipIf(!hasCommand('docker-compose'))('docker-compose config', () => {
  test.each(files)('takes %s, and every gateway has the host’s network for its RTP', (name) => {
    const words = ['-f', join(folder, name), 'config'];
    const { status, stdout, stderr } = spawnSync('docker-compose', words, { encoding: 'utf8', timeout: 60_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const gateways = Object.entries((parse(stdout) as Whole).services).filter(([service]) =>
      /^(?:gateway|tonelock)/.test(service),
    );
    expect(gateways.length).toBeGreaterThan(0);
    for (const [, { network_mode }] of gateways) expect(network_mode).toBe('host');
  });
});
