import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { EventSocketLine } from './event-socket-line.ts';
import { FreeswitchChannel, type ToldKey } from './freeswitch-channel.ts';
import { description, settingsOf } from './freeswitch-sdp.ts';
import { type FreeswitchDialog, FreeswitchSip } from './freeswitch-sip.ts';
import { keyNames } from './key-names.ts';

export interface StandInOptions {
  /** As `fsctl loglevel` tells it: 3 is ERR, 7 is DEBUG. */
  readonly logLevel?: number;
  readonly sensitive?: boolean;
  readonly maxSessions?: number;
  readonly profile?: string;
  /** The same ports as before. */
  readonly ports?: { readonly socket: number; readonly sip: number };
}

interface Held {
  readonly channel: FreeswitchChannel;
  readonly callId: string;
  line: EventSocketLine | undefined;
}

const levels = ['CONSOLE', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

/**
 * Stands in for a FreeSWITCH, as far as the engine uses one: its event socket in both directions, SIP, RTP between bridged
 * channels. It does what the sources of 1.11 and measurements on a real one say; it is no FreeSWITCH.
 */
export class FreeswitchStandIn {
  readonly host = '127.0.0.1';
  readonly secret = 'a secret of these tests';
  readonly profile: string;
  /** Commands that are answered by an error, or not at all, or re-INVITEs that are refused. */
  readonly faults = { refuse: new Set<string>(), ignore: new Set<string>(), reinvite: 0 };
  logLevel: number;
  /** Where it was told to connect to. */
  readonly called: string[] = [];
  #sip!: FreeswitchSip;
  #server!: Server;
  readonly #core = randomUUID();
  #killed = false;
  readonly #options: StandInOptions;
  readonly #sockets = new Set<Socket>();
  readonly #held = new Map<string, Held>();

  private constructor(options: StandInOptions) {
    this.#options = options;
    this.profile = options.profile ?? 'drachtio_mrf';
    this.logLevel = options.logLevel ?? 3;
  }

  static async start(options: StandInOptions = {}): Promise<FreeswitchStandIn> {
    const one = new FreeswitchStandIn(options);
    one.#sip = await FreeswitchSip.open(options.ports?.sip ?? 0, {
      invited: (dialog, again) => one.#invited(dialog, again),
      bye: (callId) => one.#end(callId, false),
    });
    one.#server = createServer((socket) => one.#control(socket));
    await new Promise<void>((done) => one.#server.listen(options.ports?.socket ?? 0, '127.0.0.1', done));
    return one;
  }

  get port(): number {
    const at = this.#server.address();
    return at !== null && typeof at === 'object' ? at.port : 0;
  }

  get channels(): number {
    return this.#held.size;
  }

  get uuids(): string[] {
    return [...this.#held.values()].map(({ channel }) => channel.uuid);
  }

  get ports(): { socket: number; sip: number } {
    return { socket: this.port, sip: this.#sip.port };
  }

  /** Gone from one moment to the next, as by kill -9: sockets close, nobody says goodbye. */
  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const { channel } of this.#held.values()) channel.close();
    this.#held.clear();
    this.#sip.close();
  }

  /** Hangs up one channel by itself. */
  hangUp(uuid: string): void {
    for (const held of this.#held.values()) if (held.channel.uuid === uuid) this.#end(held.callId, true);
  }

  async #invited({ callId, invite }: FreeswitchDialog, again: boolean): Promise<string | number> {
    const settings = settingsOf(invite.body);
    if (settings === undefined) return 488;
    const known = this.#held.get(callId);
    if (again && this.faults.reinvite !== 0) return this.faults.reinvite;
    if (known !== undefined) {
      known.channel.settings = settings;
      return description(known.channel);
    }
    const told = (key: ToldKey): void => this.#tell(callId, key);
    const held: Held = { channel: await FreeswitchChannel.open(settings, told), callId, line: undefined };
    this.#held.set(callId, held);
    const to = invite.headers.get('x-esl-outbound') ?? '';
    this.#callBack(held, to, invite.headers.get('user-agent') ?? '');
    return description(held.channel);
  }

  /** What the dialplan's `socket` application does. */
  #callBack(held: Held, to: string, agent: string): void {
    this.called.push(to);
    const colon = to.lastIndexOf(':');
    const socket = connect({ host: to.slice(0, colon), port: Number(to.slice(colon + 1)) });
    this.#keep(socket);
    const { uuid } = held.channel;
    const line = new EventSocketLine(socket, (command, headers) => {
      if (command === 'connect')
        return line.reply('+OK', {
          'Event-Name': 'CHANNEL_DATA',
          'Unique-ID': uuid,
          'Channel-Unique-ID': uuid,
          variable_sip_user_agent: agent,
        });
      this.#obey(line, command, headers);
    });
    held.line = line;
  }

  #control(socket: Socket): void {
    this.#keep(socket);
    let known = false;
    const line = new EventSocketLine(socket, (command, headers) => {
      if (known) return this.#obey(line, command, headers);
      known = command === `auth ${this.secret}`;
      line.reply(known ? '+OK accepted' : '-ERR invalid');
      if (!known) line.end();
    });
    line.ask();
    const beat = setInterval(() => this.#heartbeat(line), 250);
    socket.on('close', () => clearInterval(beat));
  }

  #heartbeat(line: EventSocketLine): void {
    line.event({
      'Event-Name': 'HEARTBEAT',
      'Core-UUID': this.#core,
      'Max-Sessions': String(this.#options.maxSessions ?? 1000),
      'Session-Count': String(this.#held.size),
      'Session-Per-Sec': '30',
      'Idle-CPU': '99',
    });
  }

  #obey(line: EventSocketLine, command: string, headers: ReadonlyMap<string, string>): void {
    const [word = '', ...rest] = command.split(' ');
    if (word === 'api') {
      const [name = ''] = rest;
      if (this.faults.ignore.has(name)) return;
      return line.answer(this.faults.refuse.has(name) ? '-ERR refused\n' : this.#api(rest.join(' ')));
    }
    if (word === 'exit') {
      line.reply('+OK bye');
      return line.end();
    }
    line.reply('+OK');
    if (word === 'sendmsg') this.#execute(line, rest[0] ?? '', headers);
  }

  #execute(line: EventSocketLine, uuid: string, headers: ReadonlyMap<string, string>): void {
    const application = headers.get('execute-app-name') ?? '';
    if (application === 'spandsp_start_dtmf') this.#byUuid(uuid)?.channel.detectTones();
    line.event({
      'Event-Name': 'CHANNEL_EXECUTE_COMPLETE',
      'Unique-ID': uuid,
      Application: application,
      'Application-UUID': headers.get('Event-UUID') ?? '',
    });
  }

  #api(text: string): string {
    const [command = '', first = '', ...rest] = text.split(' ');
    if (command === 'fsctl') return this.#level(rest[0]);
    if (command === 'global_getvar') return this.#options.sensitive === true ? 'true' : '';
    if (command === 'module_exists') return 'true';
    if (command === 'sofia') return this.#profiles();
    if (command === 'eval') return this.#evaluate(first.replace(/^uuid:/, ''), rest.join(' '));
    const held = this.#byUuid(first);
    return held === undefined ? '-ERR No such channel!\n' : this.#channelCommand(held, command, rest);
  }

  /** As in 1.11: none is -1, which is a level, and what wraps around to -2 is none. */
  #level(text: string | undefined): string {
    const level = text === undefined ? -1 : Number(text) | 0;
    if (level >= -1) this.logLevel = level;
    return `+OK log level: ${levels[this.logLevel] ?? 'DISABLE'} [${this.logLevel}]\n`;
  }

  #channelCommand({ channel, callId }: Held, command: string, rest: readonly string[]): string {
    if (command === 'uuid_setvar_multi')
      for (const pair of rest.join(' ').split(';')) channel.variables.set(...cut(pair, '='));
    if (command === 'uuid_audio') channel.muted = rest[0] === 'start';
    if (command === 'uuid_buglist')
      return `<media-bugs>\n${channel.muted ? ' <media-bug>\n  <function>audio</function>\n </media-bug>\n' : ''}</media-bugs>\n`;
    if (command === 'uuid_send_dtmf') {
      const [key, ms] = cut(rest[0] ?? '', '@');
      channel.sendKey(keyNames.indexOf(key), Number(ms));
    }
    if (command === 'uuid_bridge') {
      const other = this.#byUuid(rest[0] ?? '')?.channel;
      if (other === undefined) return '-ERR Invalid uuid\n';
      channel.bridge(other);
      other.bridge(channel);
      return `+OK ${other.uuid}\n`;
    }
    if (command === 'uuid_kill') this.#end(callId, true);
    return '+OK\n';
  }

  #profiles(): string {
    const where = `sip:mod_sofia@127.0.0.1:${this.#sip.port}`;
    return `                     Name\t   Type\t                 Data\tState\n=====\n${this.profile.padStart(25)}\tprofile\t${where.padStart(40)}\tRUNNING (0)\n=====\n`;
  }

  #evaluate(uuid: string, text: string): string {
    const { received = 0, events = 0, sent = 0 } = this.#byUuid(uuid)?.channel.counts ?? {};
    const values = new Map(
      Object.entries({ in_packet_count: received, in_dtmf_packet_count: events, out_packet_count: sent }),
    );
    return text.replace(/\$\{variable_rtp_audio_(\w+)\}/g, (_, name: string) => String(values.get(name) ?? ''));
  }

  #tell(callId: string, { key, duration, source }: ToldKey): void {
    const held = this.#held.get(callId);
    held?.line?.event({
      'Event-Name': 'DTMF',
      'Unique-ID': held.channel.uuid,
      'DTMF-Digit': key,
      'DTMF-Duration': String(duration),
      'DTMF-Source': source,
      'Event-Date-Timestamp': String(Math.round((performance.timeOrigin + performance.now()) * 1000)),
    });
  }

  /** One channel ends, and with it the one that it is bridged to. */
  #end(callId: string, goodbye: boolean): void {
    const held = this.#held.get(callId);
    if (held === undefined) return;
    this.#held.delete(callId);
    if (goodbye) this.#sip.hangUp(callId);
    held.line?.event({
      'Event-Name': 'CHANNEL_CALLSTATE',
      'Unique-ID': held.channel.uuid,
      'Channel-Call-State': 'HANGUP',
      'Hangup-Cause': 'NORMAL_CLEARING',
    });
    held.line?.end();
    held.channel.close();
    const peer = [...this.#held.values()].find(({ channel }) => channel === held.channel.peer);
    if (peer !== undefined) this.#end(peer.callId, true);
  }

  #byUuid(uuid: string): Held | undefined {
    return [...this.#held.values()].find(({ channel }) => channel.uuid === uuid);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

const cut = (text: string, at: string): [string, string] => {
  const where = text.indexOf(at);
  return where < 0 ? [text, ''] : [text.slice(0, where), text.slice(where + 1)];
};
