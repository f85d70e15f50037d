import { isIP } from 'node:net';
import { parseListenAddress } from '../shared/listen-address.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

/** What an engine cannot do, and what this version cannot run: refused at once rather than at the first call. */
export function checkEngines(config: Config): ConfigFault[] {
  const faults = config.media.engine === 'rtpengine' ? checkRtpengine(config) : [];
  if (config.media.engine !== 'embedded') faults.push(...checkSrtp(config));
  const refuse = (key: string) => faults.push({ key, message: 'this value is not part of this version' });
  if (config.media.engine === 'freeswitch') refuse('media.engine');
  return faults;
}

function checkRtpengine({ media, secureMode }: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const { host } = parseListenAddress(media.rtpengine.events);
  if (isIP(host) === 0 || host === '0.0.0.0' || host === '::')
    faults.push({
      key: 'media.rtpengine.events',
      message: 'must be an address of this machine that rtpengine can send to',
    });
  if (secureMode.audio === 'masked')
    faults.push({
      key: 'secureMode.audio',
      message: 'masked is for the embedded engine: rtpengine cannot take tones out',
    });
  return faults;
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
