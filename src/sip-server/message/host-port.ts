/** A host without brackets and a port, as they stand in URIs and Via headers. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

// An IPv6 reference stands in brackets (RFC 3261 §25.1); what is inside is not checked for colons too many, since
// RFC 5118 §4.10 asks for leniency there.
const reference = /^\[[0-9A-Fa-f:.]+\]$/;
const plain = /^[A-Za-z0-9._-]+$/;
const digits = /^\d{1,5}$/;

export function parseHostPort(text: string): HostPort | undefined {
  const isReference = text.startsWith('[');
  const colon = text.indexOf(':', isReference ? text.indexOf(']') : 0);
  const host = colon === -1 ? text : text.slice(0, colon);
  if (!(isReference ? reference : plain).test(host)) return undefined;
  const written = colon === -1 ? undefined : text.slice(colon + 1);
  if (written !== undefined && !digits.test(written)) return undefined;
  const port = written === undefined ? undefined : Number(written);
  if (port !== undefined && (port > 65535 || port === 0)) return undefined;
  return { host: isReference ? host.slice(1, -1) : host, port };
}

/** Puts an IPv6 address into its brackets. */
export const printHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export const printHostPort = (host: string, port: number): string => `${printHost(host)}:${port}`;
