import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config-schema.ts';
import { type Finding, fault, fine } from './finding.ts';
import { reach } from './reach.ts';

const usualUrls: Readonly<Record<string, string>> = { stripe: 'https://api.stripe.com' };

/** What the gateway asks or tells by HTTP: providers, receivers of webhooks, the keys of agents' tokens. */
export async function checkWeb({ payments, webhooks, agents }: Config): Promise<Finding[]> {
  const jwks = agents.tokens === 'jwt' ? agents.jwt?.jwks : undefined;
  const findings = await Promise.all([
    ...payments.psps.map(({ id, adapter, url = usualUrls[adapter], tls }) =>
      webCheck(`payments.psps ${id}`, url, tls?.ca),
    ),
    ...webhooks.map(({ name, url }) => webCheck(`webhooks ${name}`, url)),
    webCheck('agents.jwt.jwks', jwks !== undefined && /^https?:/.test(jwks) ? jwks : undefined),
  ]);
  return findings.filter((finding) => finding !== undefined);
}

async function webCheck(about: string, url: string | undefined, caFile?: string): Promise<Finding | undefined> {
  if (url === undefined) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const ca = caFile === undefined ? undefined : await readFile(caFile).catch(() => undefined);
  const at = Number(port === '' ? (secure ? 443 : 80) : port);
  const { fault: why, ms } = await reach(hostname, at, secure ? (ca === undefined ? {} : { ca }) : undefined);
  if (why === undefined)
    return fine(about, `${hostname} reached in ${ms} ms${secure ? ', its certificate holds' : ''}`);
  return fault(about, `${hostname}:${at}: ${why}`, 'mend the way out (firewall, DNS), or the certificate (tls.ca)');
}
