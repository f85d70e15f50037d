import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseRequestRule } from '../sip-server/routing/request-rule.ts';
import { type SipServer, startSipServer } from '../sip-server/sip-server.ts';
import { sipTls } from './sip-tls.ts';

const defaultListen = ['udp/127.0.0.1:5060', 'tcp/127.0.0.1:5060'];

interface Options {
  readonly listen?: string[];
  readonly host: string;
  readonly port: string;
  readonly tlsPort?: string;
  readonly secret?: string;
  readonly advertise?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly rule?: string[];
}

/** Adds `sip-server`: the embedded SIP server by itself, for any application on drachtio-srf. */
export function addSipServerCommand(
  program: Command,
  say: (line: string) => void,
  fail: (line: string) => never,
): void {
  program
    .command('sip-server')
    .description('run only the SIP server, for applications on drachtio-srf: speaks the protocol of drachtio-server')
    .option('--listen <point...>', `udp/address:port, tcp/… or tls/… (default: ${defaultListen.join(' ')})`)
    .option('--host <address>', 'where applications connect', '127.0.0.1')
    .option('--port <number>', 'port for applications; 0 lets the system choose', '9022')
    .option('--tls-port <number>', 'port for applications that connect by TLS; needs --cert and --key')
    .option(
      '--secret <text>',
      'what applications have to say; or TONELOCK_DRACHTIO_SECRET, which no process list shows',
    )
    .option('--advertise <address>', 'what stands in Via and Contact instead of the bound address')
    .option('--cert <file>', 'certificate for tls/… and --tls-port')
    .option('--key <file>', 'its key')
    .option('--ca <file>', 'who may have signed the certificates of peers, and of applications at tls://…')
    .option(
      '--rule <METHOD=where...>',
      'new requests go to tag:name, tcp://host:port, tls://… or as http://… answers; * is any method',
    )
    .action(async (options: Options) => {
      const server = await start(options).catch((error: unknown) =>
        fail(error instanceof Error ? error.message : 'cannot start'),
      );
      for (const { protocol, address, port } of server.listenPoints) say(`SIP ${protocol}/${address}:${port}`);
      say(`applications ${options.host}:${server.clientPort}`);
      if (server.clientTlsPort !== undefined) say(`applications by TLS ${options.host}:${server.clientTlsPort}`);
      const stop = (): void => void server.close().then(() => process.exit(0));
      process.once('SIGTERM', stop);
      process.once('SIGINT', stop);
    });
}

async function start(options: Options): Promise<SipServer> {
  const secret = options.secret ?? process.env['TONELOCK_DRACHTIO_SECRET'] ?? '';
  if (secret === '') throw new Error('--secret: is needed, or TONELOCK_DRACHTIO_SECRET');
  const port = portOf('--port', options.port);
  const tlsPort = options.tlsPort === undefined ? undefined : portOf('--tls-port', options.tlsPort);
  const { cert, key, ca } = options;
  if ((cert === undefined) !== (key === undefined)) throw new Error('--cert and --key: go together');
  if (tlsPort !== undefined && cert === undefined) throw new Error('--tls-port: needs --cert and --key');
  const tls =
    cert === undefined || key === undefined
      ? undefined
      : sipTls({ tls: { cert, key, clientCertificates: 'ignore', ...(ca === undefined ? {} : { ca }) } });
  const rules = (options.rule ?? []).map((text) => {
    try {
      return parseRequestRule(text);
    } catch (error) {
      throw new Error(`--rule ${error instanceof Error ? error.message : text}`);
    }
  });
  return startSipServer({
    rules,
    listen: options.listen ?? defaultListen,
    ...(options.advertise === undefined ? {} : { advertisedAddress: options.advertise }),
    ...(tls === undefined ? {} : { tls }),
    clients: {
      host: options.host,
      port,
      ...(tlsPort === undefined ? {} : { tlsPort }),
      ...(ca === undefined ? {} : { ca: pemOf('--ca', ca) }),
    },
    secret,
    observer: { observe: () => undefined },
  });
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`${option}: must be a port`);
  return port;
}

function pemOf(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`${option}: cannot read ${path}`);
  }
}
