import { CodedError } from '../../../shared/coded-error.ts';

const encrypted = /^m=audio \d+ (?:UDP\/TLS\/)?RTP\/SAVP/m;
const audioLine = /^m=audio (\d+) (\S+) ([\d ]+?) *$/m;
const staticLaws = new Set(['0', '8']);
const wantedMap = /^(?:PCM[UA]\/8000(?:\/1)?|telephone-event\/8000)$/i;
const law = /^PCM[UA]/i;

/**
 * A peer's description without what we do not have FreeSWITCH carry: everything but the two laws of G.711, in which it finds
 * tones, and their telephone-event. FreeSWITCH runs one codec a leg, so of an answer the first one counts.
 * @throws {CodedError} `not-acceptable-media` for encrypted media: keys of legs are told to no other program.
 */
export function carried(sdp: string, codecs: 'all' | 'first' = 'all'): string {
  if (encrypted.test(sdp))
    throw new CodedError('not-acceptable-media', 'encrypted media are not relayed by FreeSWITCH');
  const line = audioLine.exec(sdp);
  if (line === null) return sdp;
  const [, port, protocol, list = ''] = line;
  const maps = new Map([...sdp.matchAll(/^a=rtpmap:(\d+) (\S+)/gm)].map(([, type = '', map = '']) => [type, map]));
  const types = list.split(' ').filter((type) => wantedMap.test(maps.get(type) ?? '') || isStatic(type, maps));
  const laws = types.filter((type) => isStatic(type, maps) || law.test(maps.get(type) ?? ''));
  const dropped = codecs === 'first' ? new Set(laws.slice(1)) : new Set<string>();
  const kept = types.filter((type) => !dropped.has(type));
  if (laws.length === 0) throw new CodedError('not-acceptable-media', 'FreeSWITCH is given G.711 only');
  return (
    sdp
      .replace(audioLine, `m=audio ${port} ${protocol} ${kept.join(' ')}`)
      // FreeSWITCH has an RTCP port beside each RTP port.
      .replace(/^a=rtcp-mux.*\r?\n/gm, '')
      .replace(/^a=(?:rtpmap|fmtp):(\d+) .*\r?\n/gm, (text, type: string) => (kept.includes(type) ? text : ''))
  );
}

/** RFC 3551 §6: types that need no map. */
const isStatic = (type: string, maps: ReadonlyMap<string, string>): boolean => staticLaws.has(type) && !maps.has(type);
