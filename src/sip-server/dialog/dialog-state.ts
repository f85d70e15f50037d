import { parseCommandSequence } from '../message/command-sequence.ts';
import { parseNameAddress, tagOf } from '../message/name-address.ts';
import { ownText } from '../message/own-text.ts';
import { parameterOf } from '../message/parameters.ts';
import {
  type HeaderField,
  headerOf,
  headersOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { splitValues } from '../message/value-list.ts';

/** RFC 3261 §12: what both ends of a dialog remember. A value; every change makes a new one. */
export interface DialogState {
  readonly callId: string;
  /** `''` for a peer of RFC 2543 times, which sends none. */
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To values with their tags, as we write them and as the peer did. */
  readonly localParty: string;
  readonly remoteParty: string;
  readonly localSequence: number;
  /** undefined until the peer has sent a request. */
  readonly remoteSequence: number | undefined;
  /** Values of Route headers, first hop first. */
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
}

/** The dialog id of drachtio's protocol: the tag is always that of the request that created the dialog. */
export const dialogIdOf = (callId: string, callerTag: string): string => `${callId};from-tag=${callerTag}`;

const noRoutes: readonly string[] = [];

const sequenceOf = (message: SipMessage): number => parseCommandSequence(headerOf(message, 'CSeq') ?? '')?.number ?? 0;

/** The URI of the first Contact. */
export function contactOf(message: SipMessage): string | undefined {
  const first = splitValues(headerOf(message, 'Contact') ?? '')?.[0];
  return first === undefined ? undefined : parseNameAddress(first)?.uri;
}

/** A dialog outlives the messages that made it. */
const lasting = (state: DialogState): DialogState => ({
  callId: ownText(state.callId),
  localTag: ownText(state.localTag),
  remoteTag: ownText(state.remoteTag),
  localParty: ownText(state.localParty),
  remoteParty: ownText(state.remoteParty),
  localSequence: state.localSequence,
  remoteSequence: state.remoteSequence,
  routeSet: state.routeSet.length === 0 ? noRoutes : state.routeSet.map(ownText),
  remoteTarget: ownText(state.remoteTarget),
});

/** RFC 3261 §12.1.1: from the request that we answered and our answer. */
export function answeringDialog(request: SipRequest, response: SipResponse): DialogState {
  const localParty = headerOf(response, 'To') ?? '';
  const remoteParty = headerOf(request, 'From') ?? '';
  return lasting({
    callId: headerOf(request, 'Call-ID') ?? '',
    localTag: tagOf(localParty) ?? '',
    remoteTag: tagOf(remoteParty) ?? '',
    localParty,
    remoteParty,
    localSequence: 0,
    remoteSequence: sequenceOf(request),
    routeSet: headersOf(request, 'Record-Route'),
    remoteTarget: contactOf(request) ?? parseNameAddress(remoteParty)?.uri ?? '',
  });
}

/** RFC 3261 §12.1.2: from our request and the answer to it; the route set is the Record-Route in reverse. */
export function callingDialog(request: SipRequest, response: SipResponse): DialogState {
  const localParty = headerOf(request, 'From') ?? '';
  const remoteParty = headerOf(response, 'To') ?? '';
  return lasting({
    callId: headerOf(request, 'Call-ID') ?? '',
    localTag: tagOf(localParty) ?? '',
    remoteTag: tagOf(remoteParty) ?? '',
    localParty,
    remoteParty,
    localSequence: sequenceOf(request),
    remoteSequence: undefined,
    routeSet: [...headersOf(response, 'Record-Route')].reverse(),
    remoteTarget: contactOf(response) ?? request.uri,
  });
}

/** Methods whose Contact replaces the remote target (RFC 3261 §12.2, RFC 3311 §5.1, RFC 6665 §4.4). */
export const refreshesTarget: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

export function withTargetOf(state: DialogState, message: SipMessage): DialogState {
  const contact = contactOf(message);
  return contact === undefined || contact === state.remoteTarget ? state : { ...state, remoteTarget: ownText(contact) };
}

/** The Request-URI and the dialog's own headers of the next request (RFC 3261 §12.2.1.1). */
export function requestWithin(
  state: DialogState,
  method: string,
  sequence: number,
): { readonly uri: string; readonly headers: readonly HeaderField[] } {
  const { uri, routes } = pathOf(state);
  return {
    uri,
    headers: [
      ...routes.map((value) => ({ name: 'Route', value })),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: state.localParty },
      { name: 'To', value: state.remoteParty },
      { name: 'Call-ID', value: state.callId },
      { name: 'CSeq', value: `${sequence} ${method}` },
    ],
  };
}

/** The URI of the next hop: the first route, or the remote target. */
export function nextHopOf(state: DialogState): string {
  const first = state.routeSet[0];
  return (first === undefined ? undefined : parseNameAddress(first)?.uri) ?? state.remoteTarget;
}

function pathOf(state: DialogState): { readonly uri: string; readonly routes: readonly string[] } {
  const [first, ...rest] = state.routeSet;
  const firstUri = first === undefined ? undefined : parseNameAddress(first)?.uri;
  const parsed = firstUri === undefined ? undefined : parseSipUri(firstUri);
  if (firstUri === undefined || (parsed !== undefined && parameterOf(parsed.parameters, 'lr') !== undefined)) {
    return { uri: state.remoteTarget, routes: state.routeSet };
  }
  // A strict router (RFC 2543) takes the Request-URI for itself, and the target travels at the end of the route.
  return { uri: firstUri, routes: [...rest, `<${state.remoteTarget}>`] };
}
