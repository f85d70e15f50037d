import { type Parameters, parameterOf, withParameter } from '../message/parameters.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { parseVia, printVia } from '../message/via.ts';
import type { Flow } from './flow.ts';

/**
 * Notes in the top Via where a request really came from (RFC 3261 §18.2.1, RFC 3581 §4), so that every answer carries it.
 * Answers themselves go by the flow of the request, that is to the source address and port, asked for `rport` or not:
 * as drachtio-server does, and so that a forged Via cannot aim them at somebody else.
 */
export function withReceived(request: SipRequest, flow: Flow): SipRequest {
  const index = request.headers.findIndex((field) => field.name === 'Via');
  const via = parseVia(request.headers[index]?.value ?? '');
  if (via === undefined) return request;
  let parameters: Parameters = via.parameters;
  const asksPort = parameterOf(parameters, 'rport') !== undefined;
  if (asksPort) parameters = withParameter(parameters, 'rport', String(flow.remote.port));
  if (asksPort || via.host !== flow.remote.address) {
    parameters = withParameter(parameters, 'received', flow.remote.address);
  }
  if (parameters === via.parameters) return request;
  const value = printVia({ ...via, parameters });
  return { ...request, headers: request.headers.map((field, at) => (at === index ? { name: 'Via', value } : field)) };
}
