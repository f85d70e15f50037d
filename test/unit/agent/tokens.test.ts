import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { permissions } from '../../../src/agent/permission.ts';
import { simulatedVerifier } from '../../../src/agent/simulated-token.ts';
import { createTokenVerifier } from '../../../src/agent/token-verifier.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, callView, emptyFolder, type House, openHouse } from './fake-house.ts';
import { SocketClient, upgradeStatus } from './socket-client.ts';

describe('simulated tokens', () => {
  test('name the agent with every permission', async () => {
    const identity = await simulatedVerifier('agent-1001');
    expect(identity).toEqual({ agent: '1001', permissions: new Set(permissions), expiresAt: null });
  });

  test('grant only what they list', async () => {
    const { permissions: granted } = await simulatedVerifier('agent-1001~calls.read+payments.take');
    expect([...granted]).toEqual(['calls.read', 'payments.take']);
  });

  test.each(['', 'agent-', '1001', 'agent-1001~', 'agent-1001~calls.read,payments.take', 'agent-*', 'agent-10 01'])(
    '%j names nobody',
    async (token) => {
      await expect(simulatedVerifier(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  test.each(['0.0.0.0', '192.0.2.1', '::', 'gateway.example', '127.0.0.1.example'])(
    'are refused at start on %s, by the name of the key',
    async (host) => {
      const start = createTokenVerifier({ kind: 'simulated' }, host, new FakeClock());
      await expect(start).rejects.toThrow(/^agents\.tokens: .*http\.listen/);
    },
  );

  test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('work on %s', async (host) => {
    await expect(createTokenVerifier({ kind: 'simulated' }, host, new FakeClock())).resolves.toBeTypeOf('function');
  });
});

describe('JSON Web Tokens', () => {
  const clock = new FakeClock();
  const folder = emptyFolder();
  const settings = {
    kind: 'jwt',
    issuer: 'https://id.example',
    audience: 'tonelock',
    jwks: join(folder, 'jwks'),
  } as const;
  const now = Math.floor(clock.now() / 1000);
  let house: House;
  let sign: (changes?: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
    writeFileSync(settings.jwks, JSON.stringify(jwks));
    sign = (changes = {}, header = {}) =>
      new SignJWT({
        sub: '1001',
        permissions: ['calls.read', 'payments.take', 'nonsense'],
        iss: settings.issuer,
        aud: settings.audience,
        exp: now + 300,
        ...changes,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
        .sign(privateKey);
    house = await openHouse({ tokens: settings, clock });
    house.calls.add(callView('c-1', '1001'));
  });
  afterAll(() => house.api.close());

  test('name the agent by sub and grant by permissions', async () => {
    const token = await sign();
    expect((await ask(house, 'GET /v1/calls', { token })).json.calls).toHaveLength(1);
    expect((await ask(house, 'POST /v1/drain', { token })).status).toBe(403);
    expect(await upgradeStatus(house, { token })).toBe(101);
  });

  test.each([
    ['expired', { exp: now - 60 }],
    ['not yet valid', { nbf: now + 60 }],
    ['without an end', { exp: undefined }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'other' }],
    ['without an agent', { sub: undefined }],
    ['with an empty agent', { sub: '' }],
    ['with everybody as its agent', { sub: '*' }],
    ['without permissions', { permissions: undefined }],
    ['with permissions that are no list', { permissions: 'calls.read' }],
  ])('%s get 401, by HTTP and before the upgrade', async (_, changes) => {
    const token = await sign(changes);
    const answer = await ask(house, 'GET /v1/calls', { token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await upgradeStatus(house, { token })).toBe(401);
  });

  test('signed by a key of somebody else get 401', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const claims = { sub: '1001', permissions: ['calls.read'], iss: settings.issuer, aud: settings.audience };
    const token = await new SignJWT({ ...claims, exp: now + 300 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    expect((await ask(house, 'GET /v1/calls', { token })).status).toBe(401);
  });

  test('with alg none, or a secret in place of a key pair, get 401', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [, claims] = (await sign()).split('.');
    const unsigned = `${part({ alg: 'none' })}.${claims}.`;
    const secret = new TextEncoder().encode('x'.repeat(32));
    const shared = await new SignJWT({ sub: '1001', permissions: ['calls.read'] })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secret);
    for (const token of [unsigned, shared]) {
      expect((await ask(house, 'GET /v1/calls', { token })).status).toBe(401);
    }
  });

  test('that are garbage of any kind get unauthenticated and nothing else', async () => {
    const verify = await createTokenVerifier(settings, '0.0.0.0', clock);
    const good = await sign();
    const garbage = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[\w-]*\.[\w-]*\.[\w-]*$/),
      fc.nat({ max: good.length - 1 }).map((at) => `${good.slice(0, at)}!${good.slice(at + 1)}`),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (token) => {
        const error: unknown = await verify(token).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(CodedError);
        expect((error as CodedError).code).toBe('unauthenticated');
      }),
      { numRuns: 200 },
    );
  });

  test('end their socket when they expire', async () => {
    using client = await SocketClient.open(house, { token: await sign({ exp: Math.floor(clock.now() / 1000) + 10 }) });
    clock.advance(9_000);
    expect(house.api.counts().sockets).toBe(1);
    clock.advance(1_000);
    expect(await client.closed).toBe(1008);
    await vi.waitFor(() => expect(house.api.counts().sockets).toBe(0));
  });

  test('never travel in an address', async () => {
    const token = await sign({ exp: Math.floor(clock.now() / 1000) + 300 });
    expect((await ask(house, `GET /v1/calls?access_token=${token}`, { token: '' })).status).toBe(401);
    expect((await ask(house, `GET /v1/calls?access_token=${token}`, { token })).status).toBe(400);
  });

  test.each([
    ['a file that is not there', '/nowhere/jwks.json'],
    ['an address without TLS', 'http://id.example/jwks'],
  ])('with %s as their keys stop the start by the name of the key', async (_, jwks) => {
    const start = createTokenVerifier({ ...settings, jwks }, '0.0.0.0', clock);
    await expect(start).rejects.toThrow(/^agents\.jwt\.jwks: /);
  });

  test('are checked by the keys that stand in the file now, at most a second old', async () => {
    const jwks = join(folder, 'rotated');
    const key = async (kid: string) => {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      const claims = { sub: '7', permissions: [], iss: settings.issuer, aud: settings.audience };
      const token = new SignJWT({ ...claims, exp: Math.floor(clock.now() / 1000) + 60 });
      const signed = await token.setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
      return { signed, text: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256' }] }) };
    };
    const [first, second] = [await key('a'), await key('b')];
    writeFileSync(jwks, first.text);
    const verify = await createTokenVerifier({ ...settings, jwks }, '0.0.0.0', clock);
    await expect(verify(first.signed)).resolves.toMatchObject({ agent: '7' });
    writeFileSync(jwks, second.text.slice(0, 20));
    clock.advance(1_000);
    await expect(verify(first.signed)).resolves.toMatchObject({ agent: '7' });
    writeFileSync(jwks, second.text);
    clock.advance(1_000);
    await expect(verify(second.signed)).resolves.toMatchObject({ agent: '7' });
    await expect(verify(first.signed)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('whose keys are fetched are checked by them, and get 503 while these cannot be had', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA');
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'r', alg: 'EdDSA' }] });
    const server = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const remote = { ...settings, jwks: `http://127.0.0.1:${port}/jwks` };
    const token = await new SignJWT({ permissions: [], sub: '7', iss: settings.issuer, aud: settings.audience })
      .setExpirationTime(Math.floor(clock.now() / 1000) + 60)
      .setProtectedHeader({ alg: 'EdDSA', kid: 'r' })
      .sign(privateKey);
    const verify = await createTokenVerifier(remote, '0.0.0.0', clock);
    await expect(verify(token)).resolves.toMatchObject({ agent: '7' });
    server.close();
    server.closeAllConnections();
    const blind = await createTokenVerifier(remote, '0.0.0.0', clock);
    await expect(blind(token)).rejects.toMatchObject({ code: 'overloaded' });
  });
});
