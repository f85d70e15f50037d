import { isIP } from 'node:net';
import { isLoopback, parseListenAddress } from '../shared/listen-address.ts';
import { checkEngines } from './check-engines.ts';
import { checkEvents } from './check-events.ts';
import { checkPsp } from './check-psps.ts';
import { checkWebhooks } from './check-webhooks.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

/** Finds what no single key shows: names that point nowhere, ranges upside down, settings that are unsafe together. */
export function crossCheck(config: Config): ConfigFault[] {
  return [
    ...checkTrunks(config),
    ...checkRoutes(config),
    ...checkSip(config),
    ...checkMedia(config),
    ...checkAgents(config),
    ...checkPayments(config),
    ...checkWebhooks(config),
    ...checkEngines(config),
    ...checkEvents(config),
  ];
}

function checkTrunks(config: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const seen = new Set<string>();
  config.trunks.forEach((trunk, index) => {
    if (seen.has(trunk.name)) faults.push({ key: `trunks.${index}.name`, message: 'this name is used twice' });
    seen.add(trunk.name);
    trunk.peers.forEach((peer, at) => {
      if (!isPeer(peer))
        faults.push({ key: `trunks.${index}.peers.${at}`, message: 'not an IP address with a mask or port' });
    });
  });
  return faults;
}

function isPeer(peer: string): boolean {
  const cidr = /^(.+)\/(\d+)$/.exec(peer);
  if (cidr !== null) {
    const family = isIP((cidr[1] ?? '').replace(/^\[|\]$/g, ''));
    return family !== 0 && Number(cidr[2]) <= (family === 4 ? 32 : 128);
  }
  const at = peer.lastIndexOf(':');
  return isIP(peer.slice(0, at).replace(/^\[|\]$/g, '')) !== 0 && Number(peer.slice(at + 1)) <= 65_535;
}

function checkRoutes(config: Config): ConfigFault[] {
  const names = new Set(config.trunks.map((trunk) => trunk.name));
  return config.routes.flatMap((route, index) => {
    const faults: ConfigFault[] = [];
    if (!names.has(route.from)) faults.push({ key: `routes.${index}.from`, message: 'no trunk has this name' });
    if (!/^sips?:/.test(route.to)) faults.push({ key: `routes.${index}.to`, message: 'must be a SIP URI' });
    for (const key of ['to', 'agent'] as const) {
      const unknown = [...route[key].matchAll(/\{(\w*)\}/g)].find(([, name]) => name !== 'user' && name !== 'fromUser');
      if (unknown !== undefined) {
        faults.push({ key: `routes.${index}.${key}`, message: 'only {user} and {fromUser} can be filled in' });
      }
    }
    return faults;
  });
}

function checkSip({ sip }: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (sip.advertisedAddress !== undefined && isIP(sip.advertisedAddress) === 0) {
    faults.push({ key: 'sip.advertisedAddress', message: 'must be an IP address' });
  }
  if (sip.tls === undefined && sip.listen.some((point) => point.startsWith('tls/'))) {
    faults.push({ key: 'sip.tls', message: 'is needed for a listen point tls/…: the files cert and key' });
  }
  return [...faults, ...checkDrachtio(sip)];
}

function checkDrachtio({ drachtio }: Config['sip']): ConfigFault[] {
  return [drachtio].flat().flatMap((link, index) => {
    const key = Array.isArray(drachtio) ? `sip.drachtio.${index}` : 'sip.drachtio';
    return link.kind === 'server'
      ? []
      : link.peers.flatMap((peer, at) =>
          isPeer(peer) ? [] : [{ key: `${key}.peers.${at}`, message: 'not an IP address with a mask' }],
        );
  });
}

function checkMedia(config: Config): ConfigFault[] {
  const [first, last] = config.media.ports;
  const faults: ConfigFault[] = [];
  if (last - first < 3) faults.push({ key: 'media.ports', message: 'needs room for at least two port pairs' });
  for (const key of ['address', 'advertisedAddress'] as const) {
    const value = config.media[key];
    if (value !== undefined && isIP(value) === 0)
      faults.push({ key: `media.${key}`, message: 'must be an IP address' });
  }
  return faults;
}

function checkAgents(config: Config): ConfigFault[] {
  if (config.agents.tokens === 'jwt') {
    return config.agents.jwt === undefined ? [{ key: 'agents.jwt', message: 'is needed with agents.tokens: jwt' }] : [];
  }
  return isLoopback(parseListenAddress(config.http.listen).host)
    ? []
    : [{ key: 'agents.tokens', message: 'simulated tokens are for a loopback address of http.listen only; use jwt' }];
}

/** Details of every payment; the references among them are searched anyway. */
const takenNames: ReadonlySet<string> = new Set([
  ...['type', 'amount', 'currency', 'cardholder', 'reference', 'issueNumber', 'startDate', 'expiry', 'billTotal'],
  ...['pan', 'cvc', 'postcode', 'keypadTest'],
]);

function checkPayments(config: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const ids = new Set<string>();
  config.payments.psps.forEach((psp, index) => {
    if (ids.has(psp.id)) faults.push({ key: `payments.psps.${index}.id`, message: 'this id is used twice' });
    ids.add(psp.id);
    for (const { key, message } of checkPsp(psp)) faults.push({ key: `payments.psps.${index}.${key}`, message });
  });
  if (config.payments.psps.length > 0 && !ids.has(config.payments.defaultPsp)) {
    faults.push({ key: 'payments.defaultPsp', message: 'no entry of payments.psps has this id' });
  }
  if (takenNames.has(config.payments.searchField ?? ''))
    faults.push({ key: 'payments.searchField', message: 'this name has a meaning of its own' });
  return faults;
}
