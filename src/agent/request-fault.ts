import { CodedError, type ErrorCode } from '../shared/coded-error.ts';

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad-request',
  403: 'forbidden',
  404: 'not-found',
  408: 'request-timeout',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  431: 'headers-too-large',
  503: 'overloaded',
  504: 'timed-out',
};

/** What the HTTP layer refuses by itself, in our codes; its own texts quote what was sent, so they go no further. */
export function requestFault(error: unknown): unknown {
  if (error instanceof CodedError) return error;
  const code = byStatus[statusOf(error)];
  return code === undefined ? error : new CodedError(code);
}

/** @returns the code for what node's parser refused before there was a request. */
export function connectionFault(code: string): ErrorCode {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'bad-request';
}

/** fastify and its file server give their refusals a status; an exception of ours has none. */
const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
