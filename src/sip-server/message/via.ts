import { parseHostPort, printHost } from './host-port.ts';
import { type Parameters, parameterOf, parseParameters, printParameters } from './parameters.ts';
import { remembered } from './remembered.ts';

/** One hop of a Via header: `SIP/2.0/UDP host:port;branch=…` (RFC 3261 §20.42). `host` has no brackets. */
export interface Via {
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Parameters;
}

// RFC 3261 §25.1 allows white space around the slashes, RFC 4475 §3.1.1.1 uses it.
const shape = /^SIP\s*\/\s*2\.0\s*\/\s*([^\s/;,]+)\s+([^\s;,]+(?:\s*:\s*\d+)?)\s*/i;

export const parseVia = remembered(readVia);

function readVia(text: string): Via | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const sentBy = parseHostPort((found[2] as string).replace(/\s+/g, ''));
  const parameters = parseParameters(text, found[0].length);
  if (sentBy === undefined || parameters === undefined) return undefined;
  const { host, port } = sentBy;
  return { transport: (found[1] as string).toUpperCase(), host, port, parameters };
}

export function printVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${printHost(via.host)}${port}${printParameters(via.parameters)}`;
}

/** RFC 3261 §8.1.1.7: a branch that begins with this is unique over space and time. */
export const magicCookie = 'z9hG4bK';

/** The branch, if it is one that identifies a transaction: not a bare cookie (RFC 4475 §3.2.1). */
export function uniqueBranch(via: Via): string | undefined {
  const branch = parameterOf(via.parameters, 'branch');
  return branch?.startsWith(magicCookie) && branch.length > magicCookie.length ? branch : undefined;
}
