import { isTag } from '../client-protocol/client-tags.ts';
import { type ClientTarget, parseClientTarget } from '../client-protocol/client-target.ts';
import { durationMs } from '../client-protocol/duration.ts';

/** What an HTTP server said is to become of a request, in the words of drachtio-server. */
export type RouteDecision =
  | { readonly action: 'reject'; readonly status: number; readonly reason: string | undefined }
  | { readonly action: 'redirect'; readonly contacts: readonly string[] }
  | {
      readonly action: 'proxy';
      readonly destinations: readonly string[];
      readonly recordRoute: boolean;
      readonly followRedirects: boolean;
      readonly simultaneous: boolean;
      readonly provisionalMs: number | undefined;
      readonly finalMs: number | undefined;
    }
  | { readonly action: 'route'; readonly tag: string }
  | { readonly action: 'dial'; readonly target: ClientTarget };

type Data = Readonly<Record<string, unknown>>;

/** @returns undefined for what says nothing that could be done. Nothing in a decision can end a line of a SIP message. */
export function parseRouteDecision(text: string): RouteDecision | undefined {
  const said = objectOf(parsed(text));
  const data = objectOf(said?.['data']);
  if (data === undefined) return undefined;
  switch (said?.['action']) {
    case 'reject':
      return rejection(data);
    case 'redirect': {
      const contacts = textsOf(data['contact']);
      return contacts.length === 0 ? undefined : { action: 'redirect', contacts };
    }
    case 'proxy':
      return proxying(data);
    case 'route':
      return routing(data);
    default:
      return undefined;
  }
}

function rejection(data: Data): RouteDecision | undefined {
  const { status } = data;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 300 || status > 699) return undefined;
  return { action: 'reject', status, reason: textOf(data['reason']) };
}

function routing(data: Data): RouteDecision | undefined {
  const uri = textOf(data['uri']);
  if (uri !== undefined) {
    const target = parseClientTarget(uri);
    return target === undefined ? undefined : { action: 'dial', target };
  }
  const tag = textOf(data['tag']);
  return tag !== undefined && isTag(tag) ? { action: 'route', tag } : undefined;
}

function proxying(data: Data): RouteDecision | undefined {
  const destinations = textsOf(data['destination']);
  if (destinations.length === 0) return undefined;
  return {
    action: 'proxy',
    destinations,
    recordRoute: data['recordRoute'] === true,
    followRedirects: data['followRedirects'] !== false,
    simultaneous: data['simultaneous'] === true,
    provisionalMs: durationMs(textOf(data['provisionalTimeout']) ?? '5s'),
    finalMs: durationMs(textOf(data['finalTimeout']) ?? '60s'),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): Data | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;

// Printable US-ASCII: it goes into a header or a start line as it is.
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x20-\x7e]{1,1000}$/.test(value) ? value : undefined;

/** One text or a list of them; none if any of them is none. */
function textsOf(value: unknown): readonly string[] {
  const texts = [value].flat().map(textOf);
  return texts.every((text) => text !== undefined) ? texts : [];
}
