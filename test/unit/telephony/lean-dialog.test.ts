import { expect, test } from 'vitest';
import { ownText } from '../../../src/telephony/own-text.ts';
import type { SrfDialog } from '../../../src/telephony/sip/drachtio/drachtio-types.ts';
import { makeLean } from '../../../src/telephony/sip/drachtio/lean-dialog.ts';

/** The library's table of dialogs, as far as a dialog knows of it. */
function library() {
  const dialogs = new Map<string, { res: { stackDialogId: string } }>();
  return {
    dialogs,
    addDialog: (dialog: { res: { stackDialogId: string } }) => void dialogs.set(dialog.res.stackDialogId, dialog),
    removeDialog: (dialog: { res: { stackDialogId: string } }) => void dialogs.delete(dialog.res.stackDialogId),
  };
}

function dialogOf(srf: ReturnType<typeof library>) {
  const dialog = {
    srf,
    req: { method: 'INVITE', socket: { name: 'link' }, msg: { raw: 'INVITE sip:1001@127.0.0.1 SIP/2.0' } },
    res: { stackDialogId: 'call-1;from-tag=a', msg: { raw: 'SIP/2.0 200 OK' } },
    sip: { callId: 'call-1', localTag: 'a', remoteTag: 'b' },
    local: { uri: 'sip:us@127.0.0.1', sdp: 'v=0', contact: '<sip:us@127.0.0.1>' },
    remote: { uri: 'sip:peer@127.0.0.1', sdp: 'v=0' },
  };
  srf.addDialog(dialog);
  return dialog;
}

test('a dialog keeps what the library reads again, and no message', () => {
  const srf = library();
  const dialog = dialogOf(srf);
  makeLean(dialog as unknown as SrfDialog);
  expect(dialog.req).toEqual({ method: 'INVITE', socket: { name: 'link' } });
  expect(dialog.res).toEqual({ stackDialogId: 'call-1;from-tag=a' });
  expect(dialog.sip).toEqual({ callId: 'call-1', localTag: 'a', remoteTag: 'b' });
  expect(dialog.local).toEqual({ uri: 'sip:us@127.0.0.1', sdp: '', contact: '<sip:us@127.0.0.1>' });
  expect(dialog.remote).toEqual({ uri: 'sip:peer@127.0.0.1', sdp: '' });
  expect(srf.dialogs.get('call-1;from-tag=a')).toBe(dialog);
});

test.each(['', 'call-1', 'v=0\r\ns=日本語\r\n'])('a text of its own says the same: %j', (text) => {
  expect(ownText(text)).toBe(text);
});
