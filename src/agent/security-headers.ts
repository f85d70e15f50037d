import type { IncomingMessage } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** A host that can stand in a policy as it is: no space, comma or semicolon gets in by the Host header. */
const plainHost = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Headers for every answer. Pages load scripts and styles from here only, nothing inline, and talk to this host only. */
export async function registerSecurityHeaders(app: FastifyInstance, framers: readonly string[]): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        // Older browsers do not count WebSockets of the same host as 'self'.
        connectSrc: ["'self'", (request: IncomingMessage) => socketSources(request.headers.host)],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'", ...framers],
        // Markup is made by lit-html alone: a string that reaches the document in any other way is an error.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['lit-html'],
      },
    },
    // frame-ancestors says the same for a list of origins, which X-Frame-Options cannot.
    xFrameOptions: framers.length > 0 ? false : { action: 'sameorigin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

const socketSources = (host: string | undefined): string =>
  host !== undefined && plainHost.test(host) ? `ws://${host} wss://${host}` : "'self'";
