import { isTag } from '../client-protocol/client-tags.ts';
import { type ClientTarget, parseClientTarget } from '../client-protocol/client-target.ts';

/** Whom a new request goes to instead of the next application in turn that wants its method. */
export interface RequestRule {
  /** In upper case; `*` for every method that has no rule of its own. */
  readonly method: string;
  readonly to: RuleTarget;
}

export type RuleTarget =
  /** Applications that authenticated with this tag, in turn. */
  | { readonly kind: 'tag'; readonly tag: string }
  /** An application that listens, and is connected to for each request. */
  | { readonly kind: 'dial'; readonly target: ClientTarget }
  /** The answer of this HTTP server says what to do. */
  | { readonly kind: 'ask'; readonly url: string };

/**
 * Reads `INVITE=tag:billing`, `INVITE=tcp://127.0.0.1:3001` and `*=http://127.0.0.1:3000/route`.
 * @throws {Error} saying what is wrong.
 */
export function parseRequestRule(text: string): RequestRule {
  const found = /^([A-Za-z]{1,32}|\*)=(.+)$/.exec(text);
  const method = found?.[1]?.toUpperCase();
  const target = found?.[2] ?? '';
  if (method === undefined)
    throw new Error(`${text}: must be METHOD=tag:name, METHOD=tcp://host:port or METHOD=http://…`);
  if (target.startsWith('tag:')) {
    const tag = target.slice('tag:'.length);
    if (!isTag(tag)) throw new Error(`${text}: no such tag can be`);
    return { method, to: { kind: 'tag', tag } };
  }
  const dialled = /^(tcp|tls):\/\/(.+)$/.exec(target);
  if (dialled !== null) {
    const place = parseClientTarget(`${dialled[2]};transport=${dialled[1]}`);
    if (place === undefined) throw new Error(`${text}: must be ${dialled[1]}://host:port`);
    return { method, to: { kind: 'dial', target: place } };
  }
  if (!/^https?:\/\//.test(target) || !URL.canParse(target))
    throw new Error(`${text}: must be tag:name, tcp://host:port, tls://… or http://…`);
  return { method, to: { kind: 'ask', url: target } };
}

/** The rule for this method, if there is one. */
export const ruleFor = (rules: readonly RequestRule[], method: string): RequestRule | undefined =>
  rules.find((rule) => rule.method === method) ?? rules.find((rule) => rule.method === '*');
