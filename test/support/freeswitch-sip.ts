import { createSocket, type Socket } from 'node:dgram';

/** A request as it came, taken apart as far as a stand-in needs. */
export interface SipText {
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly text: string;
}

/** One dialog of the stand-in's, as the side that was called. */
export interface FreeswitchDialog {
  readonly callId: string;
  readonly tag: string;
  readonly invite: SipText;
  readonly port: number;
  sequence: number;
}

export interface SipDoings {
  /** @returns the answer, or a status that refuses. */
  invited(dialog: FreeswitchDialog, again: boolean): Promise<string | number>;
  bye(callId: string): void;
}

/** SIP over UDP as a FreeSWITCH profile takes part in it here: it is called, asked again, and either side hangs up. */
export class FreeswitchSip {
  readonly port: number;
  readonly #socket: Socket;
  readonly #dialogs = new Map<string, FreeswitchDialog>();
  readonly #doings: SipDoings;
  #next = 1;

  private constructor(socket: Socket, doings: SipDoings) {
    this.#socket = socket;
    this.#doings = doings;
    this.port = socket.address().port;
    socket.on('error', () => undefined);
    socket.on('message', (bytes, from) => void this.#receive(bytes.toString(), from.port));
  }

  static async open(port: number, doings: SipDoings): Promise<FreeswitchSip> {
    const socket = createSocket('udp4');
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.bind({ address: '127.0.0.1', port, exclusive: true }, done);
    });
    return new FreeswitchSip(socket, doings);
  }

  hangUp(callId: string): void {
    const dialog = this.#dialogs.get(callId);
    if (dialog === undefined) return;
    this.#dialogs.delete(callId);
    const { invite, tag, port } = dialog;
    const to = invite.headers.get('from') ?? '';
    const contact = /<([^>]+)>/.exec(invite.headers.get('contact') ?? '')?.[1] ?? 'sip:127.0.0.1';
    dialog.sequence += 1;
    const lines = [
      `BYE ${contact} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK${tag}${dialog.sequence}`,
      'Max-Forwards: 70',
      `From: ${invite.headers.get('to')};tag=${tag}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${dialog.sequence} BYE`,
      'Content-Length: 0',
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }

  async #receive(text: string, port: number): Promise<void> {
    const request = read(text);
    if (request === undefined || request.method === 'ACK') return;
    const callId = request.headers.get('call-id') ?? '';
    const known = this.#dialogs.get(callId);
    if (request.method === 'BYE') {
      this.#answer(request, port, known === undefined ? 481 : 200, known?.tag ?? 'none');
      if (this.#dialogs.delete(callId)) this.#doings.bye(callId);
      return;
    }
    if (request.method !== 'INVITE') return this.#answer(request, port, 501, 'none');
    const tag = known?.tag ?? `fs${this.#next++}`;
    const dialog: FreeswitchDialog = { callId, tag, invite: request, port, sequence: known?.sequence ?? 1 };
    // The same request again, since the answer is slow.
    if (known !== undefined && known.invite.headers.get('cseq') === request.headers.get('cseq')) return;
    this.#dialogs.set(callId, dialog);
    const answer = await this.#doings.invited(dialog, known !== undefined);
    if (typeof answer === 'number') this.#answer(request, port, answer, tag);
    else this.#answer(request, port, 200, tag, answer);
  }

  #answer(request: SipText, port: number, status: number, tag: string, body = ''): void {
    const to = request.headers.get('to') ?? '';
    const lines = [
      `SIP/2.0 ${status} ${status === 200 ? 'OK' : 'No'}`,
      ...[...request.text.matchAll(/^Via: .*$/gim)].map(([via]) => via.trim()),
      `From: ${request.headers.get('from')}`,
      `To: ${to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${request.headers.get('call-id')}`,
      `CSeq: ${request.headers.get('cseq')}`,
      `Contact: <sip:mod_sofia@127.0.0.1:${this.port}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`, port, '127.0.0.1');
  }
}

function read(text: string): SipText | undefined {
  const [head = '', body = ''] = text.split(/\r\n\r\n/, 2);
  const [first = '', ...lines] = head.split('\r\n');
  const method = /^([A-Z]+) \S+ SIP\/2\.0$/.exec(first)?.[1];
  if (method === undefined) return undefined;
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { method, headers, body, text };
}
