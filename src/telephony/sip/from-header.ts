import type { DialTarget } from '../sip-port.ts';

/** From of an INVITE of ours. `localhost` is replaced by the server with the address that the request leaves from. */
export function fromHeader(target: Pick<DialTarget, 'fromUser' | 'fromName'>): string {
  const user = encodeURIComponent(target.fromUser);
  const uri = user === '' ? 'sip:localhost' : `sip:${user}@localhost`;
  const name = target.fromName.replace(/[^\p{L}\p{N} .,'()&-]/gu, '').trim();
  return name === '' ? `<${uri}>` : `"${name}" <${uri}>`;
}
