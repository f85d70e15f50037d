import type { HouseWords } from '../commands.ts';
import type { Messages } from '../messages/en.ts';
import type { Language } from '../messages/language.ts';

interface LockWords {
  readonly hint: string;
  readonly keying: (what: string) => string;
}

interface SpokenWords {
  readonly pan: string;
  readonly panFailed: string;
  readonly cvc: string;
  readonly cvcFailed: string;
  readonly keying: (what?: string) => string;
}

/** What an agent says who is heard while the customer keys: nothing of a line that goes quiet. */
const spoken: Readonly<Record<Language, SpokenWords>> = {
  en: {
    pan: '“Please key your card number on your phone, then press hash. Star starts over. I hear and see no key.”',
    panFailed: '“That did not work. We try again: please key the whole card number.”',
    cvc: '“Thank you. Please key the security code, three digits on the back (American Express: four on the front).”',
    cvcFailed: '“That did not work. We try again: please key only the security code.”',
    keying: (what) =>
      what === undefined ? 'The customer is keying' : `The customer is keying the ${what.toLowerCase()}`,
  },
  ja: {
    pan: '「お手元の電話機でカード番号を入力し、最後にシャープを押してください。アスタリスクで最初からやり直せます。キーの音は私には聞こえません。」',
    panFailed: '「うまく入力できませんでした。もう一度カード番号をすべて入力してください。」',
    cvc: '「ありがとうございます。セキュリティコード(カード裏面の末尾3桁、American Expressは表面の4桁)を入力してください。」',
    cvcFailed: '「うまく入力できませんでした。もう一度セキュリティコードだけを入力してください。」',
    keying: (what) => (what === undefined ? 'お客様が入力中です' : `お客様が${what}を入力中です`),
  },
};

const locked: Readonly<Record<Language, Readonly<Record<'agentTalks' | 'masked', LockWords>>>> = {
  en: {
    agentTalks: {
      hint: 'You hear nothing. The customer hears you and can key safely.',
      keying: (what) => `${what}. You hear nothing until it is done, but the customer hears you.`,
    },
    masked: {
      hint: 'You can both talk on. The keys are taken out of what you hear.',
      keying: (what) => `${what}. You can talk on; you hear no key.`,
    },
  },
  ja: {
    agentTalks: {
      hint: 'お客様の音声は聞こえませんが、こちらの声は届いています。お客様は安全に入力できます。',
      keying: (what) => `${what}。完了するまで音声は聞こえませんが、こちらの声は届いています。`,
    },
    masked: {
      hint: '会話を続けられます。キーの音は取り除かれます。',
      keying: (what) => `${what}。会話を続けられます。キーの音は聞こえません。`,
    },
  },
};

/** The panel's own texts speak of silence on both sides; where calls are locked in another way they would not be true. */
export function trueWords(language: Language, audio: HouseWords['audio'] | undefined, all: Messages): Messages {
  if (audio === undefined || audio === 'mute') return all;
  const m = { ...all };
  const say = spoken[language];
  const lock = locked[language][audio];
  m.callLockedHint = lock.hint;
  m.sayPan = say.pan;
  m.sayPanFailed = say.panFailed;
  m.sayCvc = say.cvc;
  m.sayCvcFailed = say.cvcFailed;
  m.sayPanLocked = lock.keying(say.keying(m.pan));
  m.sayCvcLocked = lock.keying(say.keying(m.cvc));
  m.sayKeysLocked = lock.keying(say.keying());
  return m;
}
