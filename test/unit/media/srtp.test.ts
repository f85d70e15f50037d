import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketIndex } from '../../../src/cde/media/embedded/srtp/packet-index.ts';
import { deriveKeys } from '../../../src/cde/media/embedded/srtp/session-keys.ts';
import { SrtpContext } from '../../../src/cde/media/embedded/srtp/srtp-context.ts';
import { makeTransform } from '../../../src/cde/media/embedded/srtp/transform.ts';
import { masterBytes, type SuiteName, suiteNames, suites } from '../../../src/cde/media/offer-answer/srtp-suite.ts';
import { rtp } from '../../support/rtp-phone.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const out = Buffer.alloc(2000);

const protect = (context: SrtpContext, packet: Buffer): Buffer => {
  const length = context.protect(packet, 0, packet.length, out);
  return Buffer.from(out.subarray(0, length));
};
const unprotect = (context: SrtpContext, packet: Buffer): Buffer | undefined => {
  const copy = Buffer.from(packet);
  const length = context.unprotect(copy, copy.length);
  return length < 0 ? undefined : copy.subarray(0, length);
};

describe('the vectors', () => {
  test('of RFC 3711 Appendix B.3: session keys', () => {
    const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
    const keys = deriveKeys(suites.AES_CM_128_HMAC_SHA1_80, master, 'rtp');
    expect(keys.cipher).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(keys.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(keys.auth).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
  });

  test('of RFC 3711 Appendix B.2: the key stream', () => {
    const keys = {
      cipher: hex('2B7E151628AED2A6ABF7158809CF4F3C'),
      salt: hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
      auth: Buffer.alloc(20),
    };
    const transform = makeTransform(suites.AES_CM_128_HMAC_SHA1_80, keys, 10);
    const sealing = { open: Buffer.alloc(12), trailer: Buffer.alloc(4), ssrc: 0, index: 0 };
    expect(transform.seal({ ...sealing, secret: Buffer.alloc(48) }).secret).toEqual(
      hex('E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0'),
    );
  });

  test.each([
    [
      '§16.1.1: AEAD_AES_128_GCM',
      'AEAD_AES_128_GCM',
      `f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b
       36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
    ],
    [
      '§16.2.1: AEAD_AES_256_GCM',
      'AEAD_AES_256_GCM',
      `32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f
       1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
    ],
  ] as const)('of RFC 7714 %s', (_, suite, told) => {
    const keys = {
      cipher: Buffer.from(Array.from({ length: suites[suite].keyBytes }, (__, i) => i)),
      salt: hex('517569642070726f2071756f'),
      auth: Buffer.alloc(20),
    };
    const transform = makeTransform(suites[suite], keys, 16);
    const secret = Buffer.from('Gallia est omnis divisa in partes tres');
    const { secret: sealed, tag } = transform.seal({
      open: hex('8040f17b 8041f8d3 5501a0b2'),
      secret,
      trailer: Buffer.alloc(0),
      ssrc: 0x5501a0b2,
      index: 0xf17b,
    });
    expect(Buffer.concat([sealed, tag])).toEqual(hex(told.replaceAll(/\s/g, '')));
  });

  test('of libsrtp (test/srtp_driver.c, srtp_validate): a packet and a report by AES_CM_128_HMAC_SHA1_80', () => {
    const master = hex('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6');
    const context = new SrtpContext('AES_CM_128_HMAC_SHA1_80', master);
    const packet = hex(`800f1234decafbadcafebabe${'ab'.repeat(16)}`);
    expect(protect(context, packet)).toEqual(
      hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb'),
    );
    const report = hex(`81c8000bcafebabe${'ab'.repeat(16)}`);
    expect(context.protectControl(report)).toEqual(
      hex('81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798'),
    );
  });

  test('of libsrtp (srtp_validate_gcm): a packet by AEAD_AES_128_GCM, its keys derived', () => {
    const master = hex('000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab');
    const packet = hex(`800f1234decafbadcafebabe${'ab'.repeat(16)}`);
    expect(protect(new SrtpContext('AEAD_AES_128_GCM', master), packet)).toEqual(
      hex('800f1234decafbadcafebabe c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392'),
    );
  });
});

describe.each(suiteNames)('%s', (name: SuiteName) => {
  const pair = (): readonly [SrtpContext, SrtpContext, Buffer] => {
    const master = randomBytes(masterBytes(name));
    return [new SrtpContext(name, master), new SrtpContext(name, master), master];
  };
  const packet = (sequence: number, payload = Buffer.alloc(160, 7)): Buffer =>
    rtp(0, false, sequence & 0xffff, sequence * 160, 0x1234, payload);

  test('what is sealed is opened as it was, over every wrap of the sequence number, in any order', () => {
    const [sender, receiver] = pair();
    for (let base = 0x1_0000 - 64; base < 0x4_0000; base += 0x4000) {
      const sealed = [0, 1, 2, 3, 4, 5].map((i) => protect(sender, packet(base + i)));
      for (const i of [0, 2, 1, 5, 3, 4]) {
        expect(unprotect(receiver, sealed[i] as Buffer)).toEqual(packet(base + i));
        expect(sealed[i]?.includes(Buffer.alloc(8, 7))).toBe(false);
      }
    }
  });

  test('a packet that was there before is refused, and so is one too old to know', () => {
    const [sender, receiver] = pair();
    const sealed = Array.from({ length: 200 }, (_, i) => protect(sender, packet(i)));
    for (const one of sealed.slice(1)) expect(unprotect(receiver, one)).toBeDefined();
    for (const one of sealed) expect(unprotect(receiver, one)).toBeUndefined();
  });

  test('whichever bit is changed, the packet is refused and leaves nothing behind', () => {
    const [sender, receiver] = pair();
    const sealed = protect(sender, packet(1));
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const bytes = Buffer.from(sealed);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(unprotect(receiver, bytes)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    expect(unprotect(receiver, sealed)).toEqual(packet(1));
  });

  test('shortened, lengthened and foreign bytes are refused, never thrown on', () => {
    const [sender, receiver] = pair();
    const sealed = protect(sender, packet(1));
    for (let length = 0; length < sealed.length; length += 1) {
      expect(unprotect(receiver, sealed.subarray(0, length))).toBeUndefined();
      expect(receiver.unprotectControl(Buffer.from(sealed.subarray(0, length)), length)).toBe(-1);
    }
    expect(unprotect(receiver, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
    expect(unprotect(receiver, packet(1))).toBeUndefined();
  });

  test('no sequence number is used for two packets of ours', () => {
    const [sender] = pair();
    expect(protect(sender, packet(5)).length).toBeGreaterThan(0);
    expect(protect(sender, packet(5, Buffer.alloc(160, 8)))).toHaveLength(0);
  });

  test('reports are sealed, opened once, and refused when changed', () => {
    const [sender, receiver] = pair();
    const report = Buffer.concat([hex('80c80006 00001234'), randomBytes(20)]);
    for (let i = 0; i < 3; i += 1) {
      const sealed = sender.protectControl(report);
      const changed = Buffer.from(sealed);
      changed[12] = (changed[12] as number) ^ 1;
      expect(receiver.unprotectControl(changed, changed.length)).toBe(-1);
      const copy = Buffer.from(sealed);
      expect(receiver.unprotectControl(copy, copy.length)).toBe(report.length);
      expect(copy.subarray(0, report.length)).toEqual(report);
      expect(receiver.unprotectControl(Buffer.from(sealed), sealed.length)).toBe(-1);
    }
  });

  test('another key opens nothing', () => {
    const [sender] = pair();
    const [, stranger] = pair();
    expect(unprotect(stranger, protect(sender, packet(1)))).toBeUndefined();
  });
});

test('The index of a packet is the nearest one that its number can stand for (RFC 3711 Appendix A)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x20_0000 }), fc.integer({ min: -0x7000, max: 0x7000 }), (at, distance) => {
      const index = new PacketIndex();
      index.note(at);
      const wanted = at + distance;
      if (wanted >= 0) expect(index.estimate(wanted % 0x10000)).toBe(wanted);
    }),
  );
});
