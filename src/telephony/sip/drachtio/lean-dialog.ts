import { ownText } from '../../own-text.ts';
import type { SrfDialog } from './drachtio-types.ts';

/** What drachtio-srf 5.0.29 keeps in a dialog and reads again, beside what we use of it ourselves. */
interface KeptParts {
  req: { readonly method: string; readonly socket: unknown };
  res: { readonly stackDialogId: string };
  local: { uri: string; sdp: string; contact: string };
  remote: { uri: string; sdp: string };
  sip: { callId: string; localTag: string; remoteTag: string };
  readonly srf: { addDialog(dialog: unknown): void; removeDialog(dialog: unknown): void };
}

/**
 * Takes from a dialog the INVITE and the 200 that made it. The library keeps both, with their raw texts, as long as the call
 * stands: of them it reads the method, the socket and the dialog's id. Descriptions it reads only for a hold that it would
 * answer by itself, where nobody listens to `modify`; we do.
 */
export function makeLean(dialog: SrfDialog): void {
  const kept = dialog as unknown as KeptParts;
  const { method, socket } = kept.req;
  const { callId, localTag, remoteTag } = kept.sip;
  // The library's table is keyed by the id, which is a piece of a message, too.
  kept.srf.removeDialog(dialog);
  kept.req = { method: ownText(method), socket };
  kept.res = { stackDialogId: ownText(kept.res.stackDialogId) };
  kept.sip = { callId: ownText(callId), localTag: ownText(localTag), remoteTag: ownText(remoteTag) };
  kept.local = { uri: ownText(kept.local.uri), sdp: '', contact: ownText(kept.local.contact) };
  kept.remote = { uri: ownText(kept.remote.uri), sdp: '' };
  kept.srf.addDialog(dialog);
}
