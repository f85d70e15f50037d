import type { Import } from './import-graph.ts';

/**
 * Which rooms a room may import, beside itself (src/ARCHITECTURE.md). `main.ts` and `composition` put them together and may
 * import them all.
 * A path with a slash is one file of a room, and stands for that file alone.
 */
const allowed: Record<string, readonly string[]> = {
  shared: [],
  config: ['shared'],
  capture: ['shared'],
  payment: ['shared', 'capture'],
  observability: ['shared', 'capture', 'payment'],
  'sip-server': ['shared'],
  telephony: ['shared', 'capture', 'payment', 'observability'],
  ledger: ['shared', 'capture', 'payment', 'observability'],
  agent: ['shared', 'capture', 'payment', 'observability', 'telephony/call-view.ts'],
  gateways: ['shared', 'payment', 'telephony/call-view.ts', 'agent'],
  panel: ['shared/minor-units.ts'],
  console: [],
  demo: ['shared', 'sip-server', 'panel'],
  cde: ['shared'],
};

/** The panel runs in a browser: of the gateway it sees the shapes of messages, and nothing that runs but the minor units. */
const typesForThePanel = ['shared', 'payment', 'telephony/call-view.ts', 'agent'];

/** Libraries that only one place may know. */
const onlyImporter: readonly { library: RegExp; place: string }[] = [
  { library: /^(pino|prom-client)$/, place: 'src/observability/' },
  { library: /^(fastify|ws|@fastify\/.*|@types\/ws)$/, place: 'src/agent/' },
  { library: /^drachtio-srf$/, place: 'src/telephony/sip/drachtio/' },
  // The room sends INVITEs of its own to FreeSWITCH: nothing of a media server's descriptions or dialogs crosses the door.
  { library: /^drachtio-srf$/, place: 'src/cde/media/freeswitch/' },
  { library: /^drachtio-fsmrf$/, place: 'src/cde/media/freeswitch/' },
  { library: /^lit(\/.*)?$/, place: 'src/panel/' },
  { library: /^uplot(\/.*)?$/, place: 'src/console/' },
  { library: /^pg$/, place: 'src/ledger/postgres/' },
  { library: /^(redis|ioredis|@redis\/.*)$/, place: 'src/gateways/redis/' },
];

/**
 * Inside the room's media folder: engines know nothing of each other, and what they share (offer and answer, the packet, the
 * port) knows no engine.
 */
const engineOf = (path: string): string | undefined =>
  /^src\/cde\/media\/(embedded|rtpengine|freeswitch)\//.exec(path)?.[1];
const startsEngines = 'src/cde/media/start-engine.ts';

function brokenByEngine({ from, to }: Import): string | undefined {
  const engine = engineOf(to);
  if (engine === undefined || !from.startsWith('src/cde/media/') || from === startsEngines) return undefined;
  return engine === engineOf(from) ? undefined : `what is outside ${engine} may not import of it`;
}

/** Of telephony only the port onto the server in this process knows that server. */
const onEmbeddedServer = 'src/telephony/sip/embedded/';

const composes = (room: string): boolean => room === 'main.ts' || room === 'composition';
const roomOf = (path: string): string => path.split('/')[1] ?? '';
const within = (path: string, list: readonly string[]): boolean =>
  list.some((entry) => (entry.includes('/') ? path === `src/${entry}` : roomOf(path) === entry));

function brokenBy(link: Import): string | undefined {
  const from = roomOf(link.from);
  if (!link.ours) {
    const places = onlyImporter.filter(({ library }) => library.test(link.to)).map(({ place }) => place);
    const outside = places.length > 0 && !places.some((place) => link.from.startsWith(place));
    return outside ? `only ${places.join(' and ')} may import ${link.to}` : undefined;
  }
  if (!link.to.startsWith('src/')) return 'nothing in src may import from outside it';
  const to = roomOf(link.to);
  if (from === to) return brokenByEngine(link);
  if (to === 'cde')
    return link.to === 'src/cde/door.ts' && composes(from)
      ? undefined
      : 'only the composition may import of the walled room, and only its door';
  if (composes(from)) return undefined;
  if (from === 'panel' && link.typeOnly && within(link.to, typesForThePanel)) return undefined;
  if (to === 'sip-server' && link.from.startsWith(onEmbeddedServer)) return undefined;
  if (allowed[from] === undefined) return `${from} is no room of the architecture`;
  return within(link.to, allowed[from]) ? undefined : `${from} may not import ${to}`;
}

/** @returns one line for each import that goes through a wall. */
export function brokenWalls(imports: readonly Import[]): string[] {
  return imports.flatMap((link) => {
    const fault = link.from.startsWith('src/') ? brokenBy(link) : undefined;
    return fault === undefined ? [] : [`${link.from} → ${link.to}: ${fault}`];
  });
}
