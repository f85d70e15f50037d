import { connect, type Socket } from 'node:net';

/** A FreeSWITCH's event socket (mod_event_socket), and what one has to say to it. */
export interface EventSocketAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** What became of the questions: the answers in their order, or why there are none. */
export type EventSocketAnswers = { readonly answers: readonly string[] } | { readonly fault: EventSocketFault };
export type EventSocketFault = 'no answer' | 'the secret is refused' | 'this address is refused';

/** No answer to a question of ours is longer. */
const bytesMax = 256 * 1024;

/** A message of the socket: headers, an empty line, and as many bytes as `Content-Length` says. */
interface Message {
  readonly type: string;
  readonly reply: string;
  readonly body: string;
}

/** Connects, asks one question after another, and goes away again. Never rejects. */
export function askEventSocket(
  address: EventSocketAddress,
  commands: readonly string[],
  limitMs: number,
): Promise<EventSocketAnswers> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    const end = (result: EventSocketAnswers): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ fault: 'no answer' }), limitMs);
    const lost = (): void => end({ fault: 'no answer' });
    socket.setNoDelay(true);
    socket.once('error', lost).once('close', lost);
    const answers: string[] = [];
    const ask = (): void => {
      const next = commands[answers.length];
      if (next === undefined) return end({ answers });
      say(socket, `api ${next}`);
    };
    const take = ({ type, reply, body }: Message): void => {
      if (type === 'auth/request') return say(socket, `auth ${address.secret}`);
      if (type === 'text/rude-rejection') return end({ fault: 'this address is refused' });
      if (type === 'command/reply') return reply.startsWith('+OK') ? ask() : end({ fault: 'the secret is refused' });
      if (type !== 'api/response') return;
      answers.push(body.trim());
      ask();
    };
    readMessages(socket, take, lost);
  });
}

const say = (socket: Socket, line: string): void => void socket.write(`${line}\n\n`);

function readMessages(socket: Socket, take: (message: Message) => void, lost: () => void): void {
  let text = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    text = Buffer.concat([text, bytes]);
    if (text.length > bytesMax) return lost();
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
      const head = text.toString('utf8', 0, at);
      const length = Math.min(bytesMax, Number(/^Content-Length: (\d+)/m.exec(head)?.[1] ?? 0));
      if (text.length < at + 2 + length) return;
      const body = text.toString('utf8', at + 2, at + 2 + length);
      text = text.subarray(at + 2 + length);
      const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? '';
      take({ type: header('Content-Type'), reply: header('Reply-Text'), body });
    }
  });
}
