import { isIP } from 'node:net';
import { parseListenAddress } from '../shared/listen-address.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

/** What an engine cannot do: refused at once rather than at the first call. */
export function checkEngines(config: Config): ConfigFault[] {
  if (config.media.engine === 'rtpengine') return [...checkRtpengine(config), ...checkRelay(config, 'rtpengine')];
  if (config.media.engine === 'freeswitch') return [...checkFreeswitch(config), ...checkRelay(config, 'FreeSWITCH')];
  return [];
}

function checkRtpengine({ media }: Config): ConfigFault[] {
  const { host } = parseListenAddress(media.rtpengine.events);
  return isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::'
    ? []
    : [{ key: 'media.rtpengine.events', message: 'must be an address of this machine that rtpengine can send to' }];
}

function checkFreeswitch({ media }: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const several = Array.isArray(media.freeswitch);
  [media.freeswitch].flat().forEach(({ listen }, at) => {
    const { host } = parseListenAddress(listen);
    const key = several ? `media.freeswitch.${at}.listen` : 'media.freeswitch.listen';
    if (isIP(host) !== 4 || host === '0.0.0.0')
      faults.push({ key, message: 'must be an IPv4 address of this machine that FreeSWITCH can connect to' });
  });
  if (media.sourcePolicy !== 'strict')
    faults.push({ key: 'media.sourcePolicy', message: 'must be strict: the profile of FreeSWITCH is' });
  return faults;
}

function checkRelay(config: Config, name: string): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (config.secureMode.audio === 'masked')
    faults.push({
      key: 'secureMode.audio',
      message: `masked is for the embedded engine: ${name} cannot take tones out`,
    });
  return [...faults, ...checkSrtp(config)];
}

/** Legs that must be encrypted, where the engine cannot. */
function checkSrtp({ media, trunks, routes }: Config): ConfigFault[] {
  const wishes = [
    ...(['customer', 'agent'] as const).map((side) => [`media.srtp.${side}`, media.srtp[side]] as const),
    ...trunks.map(({ srtp }, at) => [`trunks.${at}.srtp`, srtp] as const),
    ...routes.map(({ srtp }, at) => [`routes.${at}.srtp`, srtp] as const),
  ];
  return wishes
    .filter(([, policy]) => policy === 'require')
    .map(([key]) => ({ key, message: 'encrypted media are for the embedded engine' }));
}
