import type { SipHeaders } from '../sip-port.ts';

/** A request of ours inside a dialog; the stack adds what the dialog itself knows. */
export interface DialogMessage {
  readonly method: string;
  readonly headers: SipHeaders;
  readonly body: string | null;
}

/** RFC 3326 §2. @param reason text of ours, without a quotation mark. */
export const goodbye = (reason: string): DialogMessage => ({
  method: 'BYE',
  headers: { Reason: `SIP;cause=200;text="${reason}"` },
  body: null,
});

export const newOffer = (sdp: string): DialogMessage => ({
  method: 'INVITE',
  headers: { 'Content-Type': 'application/sdp' },
  body: sdp,
});

export const information = (contentType: string, body: string): DialogMessage => ({
  method: 'INFO',
  headers: { 'Content-Type': contentType },
  body,
});

/** NOTIFY of a refer subscription (RFC 3515 §2.4.4, §2.4.5); 200 and above end it. */
export const transferNotice = (status: number): DialogMessage => ({
  method: 'NOTIFY',
  headers: {
    Event: 'refer',
    'Subscription-State': status < 200 ? 'active;expires=60' : 'terminated;reason=noresource',
    'Content-Type': 'message/sipfrag;version=2.0',
  },
  body: `SIP/2.0 ${status} ${status < 200 ? 'Trying' : status < 300 ? 'OK' : 'Failed'}\r\n`,
});

/** RFC 3261 §12.2.1.2: the dialog is no more; §14.1: not now. */
export const goneStatus = 481;
const busyStatus = 491;

/**
 * What it means that the SIP server sent nothing of a request in a dialog: that is gone, or an INVITE of the other side is
 * under way, which is as if that had been answered 491 (RFC 3261 §14.1).
 */
export const statusOfRefusal = (reason: string): number =>
  /unable to find dialog/i.test(reason) ? goneStatus : busyStatus;
