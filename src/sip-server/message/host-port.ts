/** A host without brackets and a port, as they stand in URIs and Via headers. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

// An IPv6 reference stands in brackets (RFC 3261 §25.1); what is inside is not checked for colons too many, since
// RFC 5118 §4.10 asks for leniency there.
const shape = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

export function parseHostPort(text: string): HostPort | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const port = found[3] === undefined ? undefined : Number(found[3]);
  if (port !== undefined && (port > 65535 || port === 0)) return undefined;
  return { host: (found[1] ?? found[2]) as string, port };
}

/** Puts an IPv6 address into its brackets. */
export const printHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export const printHostPort = (host: string, port: number): string => `${printHost(host)}:${port}`;
