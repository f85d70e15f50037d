import type { FastifyError } from 'fastify';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad-request',
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
  if (error instanceof CodedError || !isFastifyError(error)) return error;
  const code = byStatus[error.statusCode ?? 500];
  return code === undefined ? error : new CodedError(code);
}

/** @returns the code for what node's parser refused before there was a request. */
export function connectionFault(code: string): ErrorCode {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'bad-request';
}

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
