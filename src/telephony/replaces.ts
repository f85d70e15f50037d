import { type LegSide, otherSide } from '../shared/leg-side.ts';
import type { DialogIdentity, SipDialog } from './sip-port.ts';

/** A Replaces header (RFC 3891 §6.1): the tags are named as the one sees them who is asked to replace its dialog. */
export interface Replaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  /** Only a dialog that is not confirmed yet is meant. */
  readonly earlyOnly: boolean;
}

/** @returns undefined for a value that names no dialog. */
export function parseReplaces(value: string): Replaces | undefined {
  const [callId = '', ...parameters] = value.split(';').map((part) => part.trim());
  const of = (name: string): string =>
    parameters.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const [toTag, fromTag] = [of('to-tag'), of('from-tag')];
  if ([callId, toTag, fromTag].includes('')) return undefined;
  return { callId, toTag, fromTag, earlyOnly: parameters.some((part) => part.toLowerCase() === 'early-only') };
}

/** The leg of the call whose dialog is meant; undefined when it is none of this call's. */
export const legNamed = (dialogs: ReadonlyMap<LegSide, SipDialog>, replaces: Replaces): LegSide | undefined =>
  [...dialogs].find(([, { identity }]) => isMeant(replaces, identity))?.[0];

/** The other leg of the call of ours whose dialog is meant: where it is, and what asks it to replace its dialog with us. */
export function farEndOf(
  dialogs: ReadonlyMap<LegSide, SipDialog>,
  replaces: Replaces,
): { readonly uri: string; readonly replaces: string } | undefined {
  const side = legNamed(dialogs, replaces);
  const far = side === undefined ? undefined : dialogs.get(otherSide(side))?.identity;
  if (far === undefined) return undefined;
  const { callId, localTag, remoteTag, remoteTarget } = far;
  return { uri: remoteTarget, replaces: `${callId};to-tag=${remoteTag};from-tag=${localTag}` };
}

/** Our tag is the to-tag: the one who is asked to replace sees itself as the called one. */
const isMeant = (replaces: Replaces, { callId, localTag, remoteTag }: DialogIdentity): boolean =>
  replaces.callId === callId && replaces.toTag === localTag && replaces.fromTag === remoteTag;
