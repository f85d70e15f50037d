import { hash } from 'node:crypto';
import { ownText } from './own-text.ts';

/** What the interlock and the renegotiation need to know of a session description; the media side knows the rest. */
export interface SdpFacts {
  /** True when the sender wants no sound from us (RFC 3264 §8.4; `c=0.0.0.0` is the older form). */
  readonly hold: boolean;
  /** Address and port of the first audio line. */
  readonly mediaAddress: string;
  /** Of the text without its version, to tell a session refresh from a change (RFC 4028 §7.4) without keeping it. */
  readonly digest: string;
}

const audioLine = /^m=audio (\d+)/;
const connectionLine = /^c=IN IP[46] ([^\s/]+)/;
const directionLine = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/;

/** What a section says; what it does not, the session says for it (RFC 8866 §5.7, §6.7). */
interface Section {
  address: string | undefined;
  direction: string | undefined;
}

/**
 * Reads the few lines that matter here, twice a call: a whole description is read where it is negotiated.
 * @returns undefined when the text has no audio line or is no description at all; never throws.
 */
export function readSdp(sdp: string): SdpFacts | undefined {
  const session: Section = { address: undefined, direction: undefined };
  const audio: Section = { address: undefined, direction: undefined };
  let port: number | undefined;
  let section: Section | undefined = session;
  for (const line of sdp.split('\n')) {
    if (line.startsWith('m=')) {
      const found = port === undefined ? audioLine.exec(line) : null;
      section = found === null ? undefined : audio;
      if (found !== null) port = Number(found[1]);
    }
    if (section === undefined) continue;
    if (line.startsWith('c=')) section.address = connectionLine.exec(line)?.[1] ?? section.address;
    else if (line.startsWith('a=')) section.direction = directionLine.exec(line)?.[1] ?? section.direction;
  }
  if (port === undefined) return undefined;
  const address = audio.address ?? session.address ?? '';
  const direction = audio.direction ?? session.direction;
  return {
    hold: direction === 'sendonly' || direction === 'inactive' || address === '0.0.0.0' || address === '::',
    mediaAddress: ownText(`${address}:${port}`),
    digest: hash('sha256', sdp.replace(/^o=.*$/m, ''), 'base64'),
  };
}
