import type { SrtpPolicy } from '../shared/srtp-policy.ts';

/** How calls of one trunk go on: `{user}` and `{fromUser}` are filled in from the Request-URI and from From. */
export interface Route {
  readonly from: string;
  /** The user part that it is for: a whole one, or the beginning of one and a star. Without it, every one. */
  readonly user?: string | undefined;
  readonly to: string;
  readonly agent: string;
  /** Whether the leg that it makes must, may or must not be encrypted; what its trunk says unless told. */
  readonly srtp?: SrtpPolicy | undefined;
}

/** Where one call goes, and which agent it belongs to. */
export interface Routing {
  readonly uri: string;
  readonly agent: string;
  readonly srtp: SrtpPolicy | undefined;
}

// What may stand in the user part of a SIP URI without escaping (RFC 3261 §25.1), `;` and `/` left out: they separate.
const notUserSafe = /[^A-Za-z0-9\-_.!~*'()&=+$,?]/g;

/** @returns the routing by the first route of the trunk that fits the user; undefined when there is none. */
export function routeCall(
  routes: readonly Route[],
  trunk: string,
  parts: { readonly user: string; readonly fromUser: string },
): Routing | undefined {
  const route = routes.find(({ from, user }) => from === trunk && fits(user, parts.user));
  if (route === undefined) return undefined;
  const escaped = {
    user: parts.user.replace(notUserSafe, percent),
    fromUser: parts.fromUser.replace(notUserSafe, percent),
  };
  return { uri: fill(route.to, escaped), agent: fill(route.agent, parts), srtp: route.srtp };
}

const fits = (pattern: string | undefined, user: string): boolean => {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? user.startsWith(pattern.slice(0, -1)) : user === pattern;
};

const fill = (template: string, parts: { user: string; fromUser: string }): string =>
  template.replace(/\{(user|fromUser)\}/g, (_, name: 'user' | 'fromUser') => parts[name]);

const percent = (character: string): string =>
  [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
