import { z } from 'zod';
import { cardBrands } from '../shared/card-brand.ts';
import { eventNames } from '../shared/event-name.ts';
import { pspSchema } from '../shared/psp-schema.ts';
import { sayings } from '../shared/saying.ts';
import { srtpPolicies } from '../shared/srtp-policy.ts';

/** Host and port as `127.0.0.1:8080` or `[::1]:8080`. */
const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+):\d{1,5}$/, 'must be address:port')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65535, 'port must be at most 65535');

const listenPoint = z
  .string()
  .regex(/^(udp|tcp|tls)\/(\[[0-9a-fA-F:.]+\]|[0-9.]+):\d{1,5}$/, 'must be udp/address:port, tcp/… or tls/…');

const peer = z
  .string()
  .regex(
    /^(\[?[0-9a-fA-F:.]+\]?)(\/\d{1,3}|:\d{1,5})$/,
    'must be a CIDR (192.0.2.0/24) or address:port (192.0.2.7:5060)',
  );

const network = z.string().regex(/^(\[?[0-9a-fA-F:.]+\]?)\/\d{1,3}$/, 'must be a CIDR (192.0.2.0/24)');

/** What a policy's `frame-ancestors` takes as a source that names a host (CSP 3 §2.3.1), and nothing that could end its directive. */
const frameAncestor = z
  .string()
  .regex(
    /^https?:\/\/(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$/,
    'must be an origin, https://crm.example or https://*.crm.example',
  );

const seconds = (fallback: number) => z.number().positive().max(600).default(fallback);
const key = (fallback: string) =>
  z.union([z.string().regex(/^[0-9A-D*#]$/, 'must be one key'), z.null()]).default(fallback);
const positive = (fallback: number) => z.number().int().positive().default(fallback);

const srtpPolicy = z.enum(srtpPolicies);

const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);

const fieldTimers = (quietSeconds: number | undefined, overallSeconds: number) =>
  section({
    firstKeySeconds: seconds(20),
    interKeySeconds: seconds(5),
    quietSeconds: quietSeconds === undefined ? z.number().positive().max(600).optional() : seconds(quietSeconds),
    overallSeconds: seconds(overallSeconds),
    clearKey: key('*'),
    endKey: key('#'),
    backspaceKey: z.union([z.string().regex(/^[A-D*#]$/, 'must be one of A B C D * #'), z.null()]).default(null),
  });

/** Lines of the house's own in place of the panel's, in one language; an empty one says nothing. */
const ownSayings = z.partialRecord(z.enum(sayings), z.string().max(400)).default({});

/** What a CRM is told unless it asks for more: every step, but neither each key nor each change of a form. */
const usualEvents = eventNames.filter((name) => name !== 'capture.progress' && name !== 'session.changed');

const drachtioLink = z
  .strictObject({
    host: z.string().min(1).optional(),
    port: z.number().int().min(1).max(65535).optional(),
    listen: hostPort.optional(),
    peers: z.array(network).min(1).optional(),
    tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  })
  .superRefine((link, { addIssue }) => {
    const strays = link.listen === undefined ? (['peers', 'tls'] as const) : (['host', 'port'] as const);
    for (const key of strays.filter((name) => link[name] !== undefined)) {
      const message = link.listen === undefined ? 'goes with listen' : 'the server connects to us, by listen';
      addIssue({ code: 'custom', path: [key], message });
    }
  })
  .transform(({ host = '127.0.0.1', port = 9022, listen, peers = ['127.0.0.1/32', '::1/128'], tls }) =>
    listen === undefined
      ? ({ kind: 'server', host, port } as const)
      : ({ kind: 'listener', listen, peers, tls } as const),
  );

const freeswitchServer = z.strictObject({
  address: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(1).max(65535).default(8021),
  profile: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, dashes')
    .default('drachtio_mrf'),
  listen: hostPort.default('127.0.0.1:0'),
});

/** The whole configuration file. Every key has a default, so an empty file is the embedded gateway on loopback. */
export const configSchema = z.strictObject({
  sip: section({
    server: z.enum(['embedded', 'drachtio']).default('embedded'),
    listen: z.array(listenPoint).min(1).default(['udp/127.0.0.1:5060', 'tcp/127.0.0.1:5060']),
    advertisedAddress: z.string().optional(),
    tls: z
      .strictObject({
        cert: z.string().min(1),
        key: z.string().min(1),
        ca: z.string().min(1).optional(),
        clientCertificates: z.enum(['ignore', 'check', 'require']).default('ignore'),
      })
      .optional(),
    // RFC 4028 §4: nothing shorter; 0 asks for no timer and still honours the peer's.
    sessionExpiresSeconds: z.union([z.literal(0), z.number().int().min(90).max(86_400)]).default(1800),
    unknownSources: z.enum(['refuse', 'ignore']).default('refuse'),
    // The limits of drachtio-srf.
    pingSeconds: z.number().int().min(5).max(300).default(15),
    drachtio: z.union([drachtioLink, z.array(drachtioLink).min(1).max(16)]).prefault({}),
  }),
  media: section({
    engine: z.enum(['embedded', 'freeswitch', 'rtpengine']).default('embedded'),
    io: z.enum(['auto', 'epoll', 'dgram']).default('auto'),
    processes: z.union([z.literal('auto'), z.number().int().min(1).max(64)]).default('auto'),
    address: z.string().default('127.0.0.1'),
    advertisedAddress: z.string().optional(),
    ports: z
      .tuple([z.number().int().min(1024).max(65534), z.number().int().min(1025).max(65535)])
      .default([20000, 29998]),
    sourcePolicy: z.enum(['strict', 'learnOnce', 'off']).default('strict'),
    lossSeconds: section({
      first: seconds(30),
      running: seconds(60),
      held: z.number().positive().max(86_400).default(3600),
    }),
    portQuarantineSeconds: z.number().min(0).max(600).default(30),
    srtp: section({ customer: srtpPolicy.default('refuse'), agent: srtpPolicy.default('refuse') }),
    freeswitch: z.union([freeswitchServer, z.array(freeswitchServer).min(1).max(32)]).prefault({}),
    rtpengine: section({
      control: z.union([hostPort, z.array(hostPort).min(1).max(32)]).default('127.0.0.1:2223'),
      events: hostPort.default('127.0.0.1:2224'),
    }),
  }),
  http: section({
    listen: hostPort.default('127.0.0.1:8080'),
    allowedOrigins: z.array(z.string()).default([]),
    frameAncestors: z.array(frameAncestor).default([]),
  }),
  trunks: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        side: z.enum(['customer', 'agent']),
        peers: z.array(peer),
        srtp: srtpPolicy.optional(),
      }),
    )
    .default([
      { name: 'carrier', side: 'customer', peers: ['127.0.0.1/32'] },
      { name: 'pbx', side: 'agent', peers: [] },
    ]),
  routes: z
    .array(
      z.strictObject({
        from: z.string().min(1),
        user: z.string().optional(),
        to: z.string().min(1),
        agent: z.string().min(1),
        srtp: srtpPolicy.optional(),
      }),
    )
    .default([
      { from: 'carrier', to: 'sip:{user}@127.0.0.1:5070', agent: '{user}' },
      { from: 'pbx', to: 'sip:{user}@127.0.0.1:5090', agent: '{fromUser}' },
    ]),
  agents: section({
    tokens: z.enum(['simulated', 'jwt']).default('simulated'),
    jwt: z.strictObject({ issuer: z.string().min(1), audience: z.string().min(1), jwks: z.string().min(1) }).optional(),
  }),
  secureMode: section({
    audio: z.enum(['mute', 'agentTalks', 'masked']).default('mute'),
    betweenCaptures: z.enum(['pass', 'drop']).default('pass'),
    lookBackMs: z.number().int().min(0).max(100).default(0),
    fill: z.enum(['silence', 'tone', 'noise']).default('silence'),
    onLeak: z.enum(['report', 'stop']).default('report'),
  }),
  capture: section({
    pan: fieldTimers(2, 60),
    cvc: fieldTimers(undefined, 30),
    expiry: fieldTimers(undefined, 30),
    issueNumber: fieldTimers(undefined, 30),
    postcode: fieldTimers(undefined, 60),
    keypadTest: fieldTimers(undefined, 30),
    byKeypad: z.array(z.enum(['expiry', 'issueNumber', 'postcode', 'keypadTest'])).default(['keypadTest']),
    acceptedBrands: z
      .array(z.enum(cardBrands))
      .min(1)
      .default(['visa', 'mastercard', 'amex', 'jcb', 'diners', 'discover', 'unionpay', 'maestro']),
    showLastFour: z.boolean().default(true),
    maxRequests: z.number().int().positive().nullable().default(null),
  }),
  payments: section({
    defaultPsp: z.string().default('simulator'),
    pspChangesPerCall: z.union([z.number().int().min(0), z.literal('unlimited')]).default(1),
    addedPaymentsMax: z.number().int().min(0).max(20).default(3),
    splitOverCards: z.boolean().default(true),
    summary: z.boolean().default(true),
    history: z.boolean().default(true),
    retry: z.boolean().default(true),
    keepPanAfterDecline: z.boolean().default(true),
    prefill: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    searchField: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'must be letters and digits')
      .nullable()
      .default(null),
    thirdPartyControl: section({ retry: z.boolean().default(false), newPayment: z.boolean().default(false) }),
    psps: z.array(pspSchema).default([]),
  }),
  panel: section({ sayings: section({ en: ownSayings, ja: ownSayings }) }),
  storage: section({
    kind: z.enum(['journal', 'postgres']).default('journal'),
    path: z.string().default('./data'),
    chain: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be letters, digits, dots, dashes')
      .default('gateway-1'),
    takeOverSeconds: z.number().int().min(10).max(86_400).nullable().default(60),
  }),
  webhooks: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes'),
        url: z.url(),
        events: z
          .array(z.enum(eventNames))
          .min(1)
          .default([...usualEvents]),
      }),
    )
    .max(16)
    .default([]),
  events: section({
    kind: z.enum(['local', 'redis']).default('local'),
    leaseSeconds: z.number().min(2).max(60).default(6),
  }),
  limits: section({
    calls: positive(1000),
    callsPerSecond: positive(50),
    requestsPerSource: positive(1000),
    socketsPerAgent: positive(4),
  }),
  demo: section({
    enabled: z.boolean().optional(),
    customer: hostPort.default('127.0.0.1:5066'),
    agent: hostPort.default('127.0.0.1:5076'),
  }),
  log: section({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info') }),
  drainSeconds: z.number().min(0).max(86_400).default(300),
});

export type Config = z.output<typeof configSchema>;
export type FieldTimers = Config['capture']['pan'];
