import { describe, expect, it } from 'vitest';
import { readInfoDigit } from '../../../src/cde/dtmf/info-digit.ts';

const relay = 'application/dtmf-relay';
const bare = 'application/dtmf';

describe('the key of a SIP INFO body', () => {
  it.each<[string, string, string, number, number | null]>([
    ['as Cisco sends it', relay, 'Signal=5\r\nDuration=160\r\n', 5, 160],
    ['with blanks after the equals sign', relay, 'Signal= 5\r\nDuration= 160\r\n', 5, 160],
    ['with blanks on both sides', relay, ' Signal = 5 \r\n Duration = 160 \r\n', 5, 160],
    ['in the other order', relay, 'Duration=160\r\nSignal=5', 5, 160],
    ['with bare line feeds', relay, 'Signal=7\nDuration=250\n', 7, 250],
    ['without a duration', relay, 'Signal=0', 0, null],
    ['in small letters', relay, 'signal=a\r\nduration=100', 12, 100],
    ['star as a character', relay, 'Signal=*\r\nDuration=250', 10, 250],
    ['star as its event number', relay, 'Signal=10\r\nDuration=250', 10, 250],
    ['pound as a character', relay, 'Signal=#', 11, null],
    ['pound as its event number', relay, 'Signal=11', 11, null],
    ['star and pound as words', relay, 'Signal=star', 10, null],
    ['D as its event number', relay, 'Signal=15', 15, null],
    ['with a duration that nobody believes', relay, 'Signal=1\r\nDuration=999999', 1, null],
    ['twice: the first counts', relay, 'Signal=1\r\nSignal=2', 1, null],
    ['bare', bare, '8', 8, null],
    ['bare, with a line end', bare, '8\r\n', 8, null],
    ['bare, as an event number', bare, '10', 10, null],
    ['bare, as a letter', bare, 'B', 13, null],
    ['in lines under the bare type', bare, 'Signal=3\r\nDuration=100', 3, 100],
    ['under a type in capitals with a parameter', 'Application/DTMF-Relay; charset=utf-8', 'Signal=4', 4, null],
  ])('%s', (_, type, body, key, durationMs) => expect(readInfoDigit(type, body)).toEqual({ key, durationMs }));

  it.each<[string, string, string]>([
    ['another type', 'application/media_control+xml', 'Signal=5'],
    ['a type that only begins like one', 'application/dtmf-relayed', 'Signal=5'],
    ['no type', '', '5'],
    ['no body', relay, ''],
    ['no signal', relay, 'Duration=160'],
    ['an empty signal', relay, 'Signal=\r\n'],
    ['two digits', relay, 'Signal=55'],
    ['an event beyond the keypad', relay, 'Signal=16'],
    ['a whole card number', bare, '4111111111111111'],
    ['a digit of another script', relay, 'Signal=５'],
    ['a negative number', relay, 'Signal=-1'],
    ['a number in another notation', relay, 'Signal=1e1'],
    ['a nul', relay, 'Signal=\u00005'],
    ['a body that is too long', relay, `Signal=5\r\n${'x'.repeat(300)}`],
  ])('is none with %s', (_, type, body) => expect(readInfoDigit(type, body)).toBeUndefined());
});
