import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Serves a folder of static files on an origin of its own, as a CRM's server would. */
export class PageServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(folder: string): Promise<PageServer> {
    const server = createServer(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://here').pathname;
      const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
      const bytes = file.startsWith(folder) ? await readFile(file).catch(() => undefined) : undefined;
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PageServer(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
