import { z } from 'zod';
import { CodedError, type ErrorCode, errorCodes } from '../shared/coded-error.ts';

/** A problem document (RFC 9457 §3). `about` and `missing` are names of fields, never values. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum([...(Object.keys(errorCodes) as ErrorCode[]), 'internal']),
  detail: z.string().optional(),
  about: z.array(z.string()).optional(),
  missing: z.array(z.string()).optional(),
});
export type Problem = z.output<typeof problemSchema>;

export const problemMediaType = 'application/problem+json';

/** Names that may be echoed hold three digits at most, so that a card number sent as a name is not. */
const isEchoable = (name: string): boolean =>
  /^[A-Za-z][\w.[\]-]{0,59}$/.test(name) && name.replaceAll(/\D/g, '').length <= 3;

/** @returns the document for any thrown thing; what is not a {@link CodedError} is ours to know and nobody's to read. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof CodedError)) {
    return { type: 'about:blank', title: 'Internal error', status: 500, code: 'internal' };
  }
  const about = error.about.filter(isEchoable);
  return {
    type: 'about:blank',
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(about.length > 0 && { about }),
    ...(error.code === 'missing-fields' && { missing: about }),
  };
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
