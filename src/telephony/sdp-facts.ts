import { createHash } from 'node:crypto';
import { parse } from 'sdp-transform';
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

/** @returns undefined when the text has no audio line or is no description at all; never throws. */
export function readSdp(sdp: string): SdpFacts | undefined {
  try {
    const session = parse(sdp);
    const audio = session.media.find((media) => media.type === 'audio');
    if (audio === undefined) return undefined;
    const address = audio.connection?.ip ?? session.connection?.ip ?? '';
    const direction = audio.direction ?? (session as { direction?: string }).direction ?? 'sendrecv';
    return {
      hold: direction === 'sendonly' || direction === 'inactive' || address === '0.0.0.0' || address === '::',
      mediaAddress: ownText(`${address}:${audio.port}`),
      digest: createHash('sha256')
        .update(sdp.replace(/^o=.*$/m, ''))
        .digest('base64'),
    };
  } catch {
    return undefined;
  }
}
