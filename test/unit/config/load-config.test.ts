import { describe, expect, it } from 'vitest';
import { defaultConfig, loadConfigFile, parseConfig } from '../../../src/config/load-config.ts';
import { takeSecrets } from '../../../src/config/secrets.ts';

const faultKeys = (text: string): string[] => {
  const result = parseConfig(text);
  return 'faults' in result ? result.faults.map((fault) => fault.key) : [];
};

describe('the configuration file', () => {
  it('is the embedded gateway on loopback when it is empty', () => {
    const result = parseConfig('');
    expect('config' in result && result.config).toEqual(defaultConfig());
    expect(defaultConfig().sip.listen).toEqual(['udp/127.0.0.1:5060', 'tcp/127.0.0.1:5060']);
    expect(defaultConfig().capture.pan).toMatchObject({ firstKeySeconds: 20, interKeySeconds: 5, quietSeconds: 2 });
  });

  it('names every fault at once, each with its key', () => {
    const keys = faultKeys(
      [
        'capture: { pan: { firstKeySeconds: -1 } }',
        'limits: { calls: many }',
        'http: { lisen: 1 }',
        'colour: red',
      ].join('\n'),
    );
    expect(keys.sort()).toEqual(['capture.pan.firstKeySeconds', 'colour', 'http.lisen', 'limits.calls']);
  });

  it.each([
    ['routes: [{ from: nowhere, to: "sip:{user}@127.0.0.1", agent: "{user}" }]', 'routes.0.from'],
    ['routes: [{ from: carrier, to: "sip:{usr}@127.0.0.1", agent: "{user}" }]', 'routes.0.to'],
    ['http: { listen: 0.0.0.0:8080 }', 'agents.tokens'],
    ['agents: { tokens: jwt }', 'agents.jwt'],
    [
      'trunks: [{ name: carrier, side: customer, peers: [300.1.1.1/8] }, { name: pbx, side: agent, peers: [] }]',
      'trunks.0.peers.0',
    ],
    ['payments: { psps: [{ id: one }], defaultPsp: two }', 'payments.defaultPsp'],
    ['payments: { searchField: reference }', 'payments.searchField'],
    ['payments: { searchField: "customer id" }', 'payments.searchField'],
    ['media: { ports: [30000, 20000] }', 'media.ports'],
    ['http: { frameAncestors: ["crm.example; script-src *"] }', 'http.frameAncestors.0'],
    ['sip: { listen: [tls/127.0.0.1:5061] }', 'sip.tls'],
    ['sip: { drachtio: { listen: "127.0.0.1:9023", port: 9022 } }', 'sip.drachtio.port'],
    ['sip: { drachtio: { peers: [192.0.2.0/24] } }', 'sip.drachtio.peers'],
    ['sip: { drachtio: { listen: "127.0.0.1:9023", peers: [192.0.2.7] } }', 'sip.drachtio.peers.0'],
    ['sip: { drachtio: { listen: "127.0.0.1:9023", peers: [300.1.1.1/8] } }', 'sip.drachtio.peers.0'],
    ['sip: { advertisedAddress: gateway.example }', 'sip.advertisedAddress'],
    ['payments: { psps: [{ id: one, adapter: http }], defaultPsp: one }', 'payments.psps.0.url'],
    ['payments: { psps: [{ id: one, adapter: adyen, url: "https://x.example" }] }', 'payments.psps.0.merchantAccount'],
    ['payments: { psps: [{ id: one, adapter: stripe, surcharge: { percent: 2 } }] }', 'payments.psps.0.surcharge'],
    [
      'payments: { psps: [{ id: one, adapter: http, url: "http://192.0.2.1/pay" }], defaultPsp: one }',
      'payments.psps.0.url',
    ],
    [
      'payments: { psps: [{ id: one, adapter: http, url: "https://x.example", tls: { cert: package.json } }] }',
      'payments.psps.0.tls.key',
    ],
    [
      'payments: { psps: [{ id: one, adapter: http, url: "https://x.example", tls: { ca: nowhere.pem } }] }',
      'payments.psps.0.tls.ca',
    ],
    ['media: { engine: freeswitch, freeswitch: { listen: "0.0.0.0:8085" } }', 'media.freeswitch.listen'],
    ['media: { engine: freeswitch, freeswitch: [{}, { listen: "[::1]:0" }] }', 'media.freeswitch.1.listen'],
    ['media: { engine: freeswitch, freeswitch: { profile: "a|b" } }', 'media.freeswitch.profile'],
    ['media: { engine: freeswitch, sourcePolicy: off }', 'media.sourcePolicy'],
    ['media: { engine: freeswitch }\nsecureMode: { audio: masked }', 'secureMode.audio'],
    ['media: { engine: freeswitch, srtp: { agent: require } }', 'media.srtp.agent'],
    [
      'media: { engine: rtpengine }\ntrunks: [{ name: carrier, side: customer, peers: [], srtp: require }, { name: pbx, side: agent, peers: [] }]',
      'trunks.0.srtp',
    ],
    ['panel: { sayings: { en: { sayHello: x } } }', 'panel.sayings.en.sayHello'],
    ['panel: { sayings: { fr: {} } }', 'panel.sayings.fr'],
    ['webhooks: [{ name: crm, url: http://crm.example/ }]', 'webhooks.0.url'],
    ['webhooks: [{ name: crm, url: https://a:b@crm.example/ }]', 'webhooks.0.url'],
    ['webhooks: [{ name: crm, url: https://a/, events: [payment.paid] }]', 'webhooks.0.events.0'],
    ['webhooks: [{ name: crm, url: https://a/ }, { name: crm, url: https://b/ }]', 'webhooks.1.name'],
  ])('refuses %s by its key', (text, key) => {
    expect(faultKeys(text)).toContain(key);
  });

  it('says that a file cannot be read or parsed rather than throwing', () => {
    expect('faults' in loadConfigFile('/nonexistent/tonelock.yaml')).toBe(true);
    expect(faultKeys('sip: [')).toEqual(expect.arrayContaining(['(file)']));
    expect(faultKeys('log: {}\nlog: {}')).toEqual(expect.arrayContaining(['(file)']));
  });
});

describe('secrets', () => {
  it('are taken out of the environment, so that no child process inherits them', () => {
    const env = { TONELOCK_DRACHTIO_SECRET: 's', TONELOCK_REDIS_URL: '', TONELOCK_WEBHOOK_CRM: 'w', PATH: '/bin' };
    expect(takeSecrets(env)).toEqual({
      drachtio: 's',
      freeswitch: undefined,
      databaseUrl: undefined,
      redisUrl: undefined,
      webhooks: new Map([['TONELOCK_WEBHOOK_CRM', 'w']]),
    });
    expect(env).toEqual({ PATH: '/bin' });
  });
});
