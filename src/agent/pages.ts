import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Serves the built pages: `panel/` and `console/` always, `demo/` with the demo. A folder that was not built is a 404, not a fault. */
export async function registerPages(app: FastifyInstance, folder: string, demo: boolean): Promise<void> {
  for (const page of demo ? ['panel', 'console', 'demo'] : ['panel', 'console']) {
    const root = join(folder, page);
    if (!existsSync(root)) continue;
    app.get(`/${page}`, async (_request, reply) => reply.redirect(`/${page}/`));
    await app.register(fastifyStatic, {
      root,
      prefix: `/${page}/`,
      decorateReply: false,
      dotfiles: 'ignore',
      // File names stay the same from build to build: a browser asks each time and mostly gets a 304.
      cacheControl: true,
      maxAge: 0,
    });
  }
  app.get('/', async (_request, reply) => reply.redirect(demo ? '/demo/' : '/panel/'));
}
