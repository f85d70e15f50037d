import { parseNameAddress } from '../message/name-address.ts';
import { headerOf, type SipRequest } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';

/** What an HTTP server has to say before it is not believed to be one. */
const answerBytesMax = 16_384;

/** The URL with what drachtio-server tells of a request: query parameters by its names, and those of the Request-URI. */
export function questionOf(url: string, request: SipRequest, flow: Flow): URL {
  const question = new URL(url);
  const uri = parseSipUri(request.uri);
  const userOf = (name: 'From' | 'To'): string =>
    parseSipUri(parseNameAddress(headerOf(request, name) ?? '')?.uri ?? '')?.user ?? '';
  const facts: Record<string, string> = {
    method: request.method,
    domain: uri?.host ?? '',
    protocol: flow.protocol,
    source_address: flow.remote.address,
    fromUser: userOf('From'),
    toUser: userOf('To'),
    uriUser: uri?.user ?? '',
    contentType: headerOf(request, 'Content-Type') ?? '',
    uri: request.uri,
  };
  // A parameter of the Request-URI is the caller's word: it may not stand for what we say of the call ourselves.
  for (const [name, value] of uri?.parameters ?? []) {
    if (!Object.hasOwn(facts, name)) question.searchParams.append(name, value ?? '');
  }
  for (const [name, value] of Object.entries(facts)) question.searchParams.set(name, value);
  return question;
}

/** @throws {Error} where there is no answer, or none that could be read. */
export async function answerTo(question: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(question, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error('no answer');
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error('too long an answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
