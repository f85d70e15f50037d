import type { Socket } from 'node:net';

/** One connection of FreeSWITCH's event socket, from its side: commands in, replies and events out. */
export class EventSocketLine {
  readonly #socket: Socket;
  #text = '';

  /** @param obey is given the first line of each command, and the headers behind it. */
  constructor(socket: Socket, obey: (command: string, headers: ReadonlyMap<string, string>) => void) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.#text += bytes.toString();
      for (let at = this.#text.indexOf('\n\n'); at >= 0; at = this.#text.indexOf('\n\n')) {
        const [command = '', ...lines] = this.#text.slice(0, at).split('\n');
        this.#text = this.#text.slice(at + 2);
        obey(command, new Map(lines.map((line) => split(line))));
      }
    });
  }

  ask(): void {
    this.#say('Content-Type: auth/request');
  }

  reply(text: string, headers: Readonly<Record<string, string>> = {}): void {
    const more = Object.entries(headers).map(([name, value]) => `\n${name}: ${encodeURIComponent(value)}`);
    this.#say(`Content-Type: command/reply\nReply-Text: ${text}${more.join('')}`);
  }

  answer(body: string): void {
    this.#say(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}`, body);
  }

  event(headers: Readonly<Record<string, string>>): void {
    const body = JSON.stringify(headers);
    this.#say(`Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-json`, body);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #say(head: string, body = ''): void {
    if (this.#socket.writable) this.#socket.write(`${head}\n\n${body}`);
  }
}

function split(line: string): [string, string] {
  const at = line.indexOf(': ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)];
}
