import { describe, expect, test } from 'vitest';
import { cycles, importsOf } from './import-graph.ts';
import { productFiles, repositoryFiles } from './source-files.ts';
import { brokenWalls } from './walls.ts';

const graph = productFiles.flatMap(importsOf);
const planted = (path: string, text: string) => importsOf({ path, text });

describe('the walls between the rooms', () => {
  test('stand: no import of src goes through one', () => {
    expect(productFiles.length).toBeGreaterThan(20);
    expect(graph.filter((link) => link.ours).length).toBeGreaterThan(20);
    expect(brokenWalls(graph)).toEqual([]);
  });

  test('have no cycle in them', () => {
    expect(cycles(graph)).toEqual([]);
  });

  test('every file that is imported exists', () => {
    const paths = new Set(repositoryFiles.map((file) => file.path));
    expect(graph.filter((link) => link.ours && !paths.has(link.to)).map((link) => `${link.from} → ${link.to}`)).toEqual(
      [],
    );
  });
});

describe('a break that somebody plants', () => {
  test.each([
    ['a logger in the walled room', 'src/cde/entry/field.ts', "import { pino } from 'pino';"],
    ['the gateway in the walled room', 'src/cde/entry/field.ts', "import { Call } from '../../telephony/call.ts';"],
    ['the walled room past its door', 'src/main.ts', "import { DigitBuffer } from './cde/entry/digit-buffer.ts';"],
    ['types of the walled room', 'src/payment/x.ts', "import type { Ask } from '../cde/messages.ts';"],
    ['the door from a room', 'src/telephony/x.ts', "import { openDoor } from '../cde/door.ts';"],
    ['metrics outside observability', 'src/agent/x.ts', "import client from 'prom-client';"],
    ['a web server outside agent', 'src/demo/x.ts', "import { fastify } from 'fastify';"],
    ['a plug-in of it', 'src/demo/x.ts', "import x from '@fastify/static';"],
    ['sockets outside agent', 'src/demo/x.ts', "import { WebSocketServer } from 'ws';"],
    ['drachtio outside its folder', 'src/telephony/sip/x.ts', "import Srf from 'drachtio-srf';"],
    ['the SIP server in the calls', 'src/telephony/call.ts', "import { x } from '../sip-server/sip-server.ts';"],
    ['a part of drachtio', 'src/sip-server/x.ts', "import parse from 'drachtio-srf/lib/sip-parser/parser.js';"],
    ['FreeSWITCH outside its folder', 'src/cde/media/x.ts', "import Mrf from 'drachtio-fsmrf';"],
    ['one engine in another', 'src/cde/media/rtpengine/x.ts', "import { Leg } from '../embedded/leg.ts';"],
    [
      'an engine in what engines share',
      'src/cde/media/offer-answer/x.ts',
      "import type { Leg } from '../embedded/leg.ts';",
    ],
    ['a room above', 'src/payment/x.ts', "import { logger } from '../observability/logger.ts';"],
    ['a room beside', 'src/ledger/x.ts', "import { Call } from '../telephony/call.ts';"],
    ['more than shared in the SIP server', 'src/sip-server/x.ts', "import { x } from '../config/config-schema.ts';"],
    ['code in the panel', 'src/panel/x.ts', "import { sessionViewSchema } from '../payment/session-view.ts';"],
    ['a test in the product', 'src/shared/x.ts', "import { fake } from '../../test/support/fake-clock.ts';"],
    ['a room nobody drew', 'src/billing/x.ts', "import { assert } from '../shared/assert.ts';"],
    ['over several lines', 'src/shared/x.ts', "import {\n  a,\n  b,\n} from '../payment/card-room.ts';"],
    ['by re-export', 'src/shared/x.ts', "export { a } from '../payment/card-room.ts';"],
    ['at run time', 'src/shared/x.ts', "const a = await import('../payment/card-room.ts');"],
    ['for its effect', 'src/shared/x.ts', "import '../payment/card-room.ts';"],
    ['as a process', 'src/agent/x.ts', "fork(new URL('../cde/main.js', import.meta.url));"],
    ['as a process of the build', 'src/agent/x.ts', "fork(builtFile('cde/main.js'));"],
  ])('is found: %s', (_, path, text) => {
    expect(brokenWalls(planted(path, text))).toHaveLength(1);
  });

  test('is not found where none is: main.ts opens the door, rooms look down, the panel sees types', () => {
    const good = [
      ...planted('src/main.ts', "import { openDoor } from './cde/door.ts';\nimport { x } from './agent/server.ts';"),
      ...planted(
        'src/telephony/sip/drachtio/x.ts',
        "import Srf from 'drachtio-srf';\nimport { a } from '../../../shared/assert.ts';",
      ),
      ...planted('src/panel/x.ts', "import type { SessionView } from '../payment/session-view.ts';"),
      ...planted('src/cde/door.ts', "import { fork } from 'node:child_process';\nimport { z } from 'zod';"),
    ];
    expect(good).toHaveLength(7);
    expect(brokenWalls(good)).toEqual([]);
  });

  test('is found when it is a cycle, through any number of files', () => {
    const ring = [
      ...planted('src/shared/a.ts', "import { b } from './b.ts';"),
      ...planted('src/shared/b.ts', "import type { c } from './c.ts';"),
      ...planted('src/shared/c.ts', "import { a } from './a.ts';\nimport { d } from './d.ts';"),
    ];
    expect(cycles(ring)).toEqual(['src/shared/a.ts → src/shared/b.ts → src/shared/c.ts → src/shared/a.ts']);
  });
});
