import type { Transaction } from '../../payment/transaction.ts';
import type { Language } from '../messages/language.ts';
import type { GivingAnswer, GivingWay } from './giving.ts';

export type DeclineReason =
  | 'funds'
  | 'limit'
  | 'expired'
  | 'barred'
  | 'unsupported'
  | 'unverified'
  | 'fault'
  | 'unsent'
  | 'unsaid';

/** Texts that most payments need nothing of; they come with what shows them. */
export interface AnnexTexts {
  readonly pspChoose: string;
  readonly pspCommit: string;
  readonly pspKeep: string;
  readonly pspOnce: string;
  readonly addPaymentHint: string;
  readonly add: string;
  readonly discard: string;
  readonly historyEmpty: string;
  readonly paidSoFar: string;
  readonly outcomes: Readonly<Record<Transaction['outcome'], string>>;
  readonly ways: Readonly<Record<GivingWay, string>>;
  readonly ofPayment: (way: string, money: string) => string;
  readonly amountBack: string;
  readonly amountHint: (left: string) => string;
  readonly amountTooMuch: (left: string) => string;
  readonly next: string;
  readonly sure: Readonly<Record<GivingWay, (money: string) => string>>;
  readonly yes: Readonly<Record<GivingWay, (money: string) => string>>;
  readonly no: string;
  readonly sending: string;
  readonly answers: Readonly<Record<GivingAnswer, string>>;
  readonly lookAgain: string;
  readonly find: string;
  readonly findBy: string;
  readonly findReference: string;
  readonly findWhole: (name: string) => string;
  readonly findHint: string;
  readonly findNow: string;
  readonly findEnd: string;
  readonly found: (n: number) => string;
  readonly refundStates: Readonly<Record<string, string>>;
  readonly wordAsk: string;
  readonly wordPaid: string;
  readonly wordNotPaid: string;
  readonly wordRecord: string;
  readonly afterword: string;
  readonly putAway: string;
  readonly answerComes: string;
  /** What is the matter, and what to do next. */
  readonly declines: Readonly<Record<DeclineReason, readonly [string, string]>>;
  readonly problems: Readonly<Record<string, string>>;
  readonly doubled: (n: number) => readonly [string, string];
}

const en: AnnexTexts = {
  pspChoose: 'Choose another provider',
  pspCommit: 'Use this provider',
  pspKeep: 'Keep the current one',
  pspOnce: 'The provider can be changed once in this call.',
  addPaymentHint: 'Another payment with the same card',
  add: 'Add',
  discard: 'Do not add',
  historyEmpty: 'No transactions in this call yet.',
  paidSoFar: 'Paid in this call',
  outcomes: { succeeded: 'Successful', declined: 'Declined', unknown: 'Unknown', cancelled: 'Cancelled' },
  ways: { refunds: 'Refund', void: 'Void' },
  ofPayment: (way, money) => `${way}: payment of ${money}`,
  amountBack: 'Amount to refund',
  amountHint: (left) => `Up to ${left}`,
  amountTooMuch: (left) => `Type an amount up to ${left}.`,
  next: 'Continue',
  sure: {
    refunds: (money) => `${money} goes back to the customer’s card. This cannot be undone.`,
    void: (money) => `The whole payment of ${money} is taken back. This cannot be undone.`,
  },
  yes: { refunds: (money) => `Refund ${money}`, void: () => 'Void the payment' },
  no: 'Leave it paid',
  sending: 'Waiting for the provider’s answer. Please do not close.',
  answers: {
    refunded: 'Refunded. The money is on its way to the card.',
    voided: 'Voided. The payment has been taken back.',
    requested: 'Refund requested. The provider pays it out later; do not request it again.',
    declined: 'The provider declined. Nothing was given back. If it was a void, try a refund; otherwise contact them.',
    'not-sent': 'It did not reach the provider. Nothing was given back; you can try again.',
    unknown: 'Do not repeat it. Nobody knows yet whether the money was given back; the provider is being asked.',
    doubt: 'Do not repeat it. The answer was lost, so the money may have been given back. Look at the history again.',
    'cannot-refund': 'This provider cannot do that from here. Contact them.',
    'not-refundable': 'There is nothing left to give back of this payment.',
    'refund-running': 'Somebody is giving this payment back right now. Look at the history again.',
    'do-not-resubmit': 'Do not repeat it. Nobody knows yet what became of the one before.',
    'refund-exceeds-payment': 'That is more than is left of this payment. Nothing was given back.',
    forbidden: 'You do not have the right to give money back.',
    refused: 'The server did not accept it. Nothing was given back.',
  },
  lookAgain: 'Look again',
  find: 'Find another payment',
  findBy: 'Find by',
  findReference: 'Reference number, or a part of it',
  findWhole: (name) => `${name}, the whole value`,
  findHint: 'Leave it empty for the newest payments.',
  findNow: 'Find',
  findEnd: 'Back to this call',
  found: (n) => (n === 0 ? 'No payment was found.' : n === 1 ? '1 payment found' : `${n} payments found`),
  refundStates: {
    running: 'In progress',
    refunded: 'Given back',
    requested: 'Requested',
    declined: 'Declined',
    unknown: 'Unknown: do not repeat',
    'not-sent': 'Not sent',
  },
  wordAsk: 'The provider has told me what became of it',
  wordPaid: 'It was paid',
  wordNotPaid: 'It was not paid',
  wordRecord: 'Record this answer',
  afterword: 'Last payment',
  putAway: 'Put away',
  answerComes: 'The provider’s answer is still to come; it will show here.',
  declines: {
    funds: ['The account does not cover the amount.', 'Ask for another card, or for a smaller amount.'],
    limit: ['A limit of the card is reached.', 'Ask for another card, or for a smaller amount.'],
    expired: ['The card has expired, or the date is wrong.', 'Check the expiry date with the customer.'],
    barred: ['This card is barred.', 'Do not try it again. Ask for another card.'],
    unsupported: ['The card cannot be used for this payment.', 'Ask for another card.'],
    unverified: ['A detail does not match the card.', 'Check the details, then take the security code again.'],
    fault: ['The bank cannot answer at the moment.', 'Wait a little, then try again.'],
    unsent: ['The payment did not reach the provider.', 'It can be authorised again.'],
    unsaid: ['The bank gave no reason.', 'The customer can ask the bank, or use another card.'],
  },
  problems: {
    unauthenticated: 'Your sign-in has run out. Sign in again.',
    forbidden: 'You do not have the right to do this.',
    'call-not-found': 'This call is over.',
    'call-ended': 'This call is over.',
    'call-not-answered': 'The call has not been answered yet.',
    'capture-running': 'The customer is keying right now. Wait or stop it first.',
    'cannot-refund': 'This provider cannot give money back from here. Contact them.',
    'too-many-requests': 'This entry has been requested too often.',
    'bad-detail': 'The server did not accept this value.',
    'missing-fields': 'Something is still missing; see the red marks.',
    'media-failed': 'The call could not be locked. Do not let the customer key the card; try again.',
    'media-lost': 'The connection of the call was disturbed. Try again.',
    'cde-lost': 'The card service is restarting. Try again in a moment.',
    overloaded: 'The server is busy. Try again in a moment.',
    'gateway-unreachable': 'The server of this call does not answer. Look at the state shown before you try again.',
    'timed-out': 'The server took too long. Look at the state shown before you try again.',
  },
  doubled: (n) => [
    n === 1 ? 'This telephone sent one key twice.' : `This telephone sent ${n} keys twice.`,
    'From here on such a key counts once, so the card can be keyed. Ask the customer to press each key briefly and to pause between equal digits, then request the card number.',
  ],
};

const ja: AnnexTexts = {
  pspChoose: '別の決済代行事業者を選択',
  pspCommit: 'この事業者に変更',
  pspKeep: '変更しない',
  pspOnce: '決済代行事業者の変更は、1回の通話につき1度だけです。',
  addPaymentHint: '同じカードで別の支払い',
  add: '追加',
  discard: '追加しない',
  historyEmpty: 'この通話での取引はまだありません。',
  paidSoFar: 'この通話での支払い合計',
  outcomes: { succeeded: '成功', declined: '拒否', unknown: '不明', cancelled: 'キャンセル' },
  ways: { refunds: '返金', void: '取消' },
  ofPayment: (way, money) => `${way}:${money}の支払い`,
  amountBack: '返金額',
  amountHint: (left) => `${left}まで`,
  amountTooMuch: (left) => `${left}以下の金額を入力してください。`,
  next: '次へ',
  sure: {
    refunds: (money) => `お客様のカードに${money}を返金します。元に戻すことはできません。`,
    void: (money) => `${money}の支払い全体を取り消します。元に戻すことはできません。`,
  },
  yes: { refunds: (money) => `${money}を返金`, void: () => '支払いを取り消す' },
  no: '支払い済みのままにする',
  sending: '決済代行事業者の回答を待っています。閉じずにお待ちください。',
  answers: {
    refunded: '返金しました。お客様のカードに返金されます。',
    voided: '取り消しました。この支払いは取り消されています。',
    requested: '返金を依頼しました。事業者が後ほど処理します。再度依頼しないでください。',
    declined:
      '事業者に拒否されました。返金は行われていません。取消の場合は返金をお試しいただき、それ以外は事業者にお問い合わせください。',
    'not-sent': '事業者に届きませんでした。返金は行われていません。もう一度お試しいただけます。',
    unknown: '繰り返さないでください。返金されたかまだ不明なため、事業者に照会しています。',
    doubt:
      '繰り返さないでください。回答を受け取れなかったため、返金された可能性があります。履歴をもう一度確認してください。',
    'cannot-refund': 'この事業者ではここから処理できません。事業者にお問い合わせください。',
    'not-refundable': 'この支払いに返金できる残額はありません。',
    'refund-running': '現在、この支払いの返金が処理中です。履歴をもう一度確認してください。',
    'do-not-resubmit': '繰り返さないでください。前回の返金の結果がまだ不明です。',
    'refund-exceeds-payment': 'この支払いの残額を超えています。返金は行われていません。',
    forbidden: '返金の権限がありません。',
    refused: '受け付けられませんでした。返金は行われていません。',
  },
  lookAgain: '履歴を再確認',
  find: '他の支払いを検索',
  findBy: '検索項目',
  findReference: '参照番号(一部でも可)',
  findWhole: (name) => `${name}(完全一致)`,
  findHint: '空欄のまま検索すると、最新の支払いを表示します。',
  findNow: '検索',
  findEnd: 'この通話に戻る',
  found: (n) => (n === 0 ? '該当する支払いはありません。' : `${n}件の支払いが見つかりました`),
  refundStates: {
    running: '処理中',
    refunded: '返金済み',
    requested: '依頼済み',
    declined: '拒否',
    unknown: '不明:繰り返さないでください',
    'not-sent': '未送信',
  },
  wordAsk: '事業者から結果を聞いた場合',
  wordPaid: '支払い済み',
  wordNotPaid: '未払い',
  wordRecord: 'この回答を記録',
  afterword: '前回の支払い',
  putAway: '閉じる',
  answerComes: '事業者の回答を待っています。届き次第ここに表示されます。',
  declines: {
    funds: ['残高が不足しています。', '別のカード、または金額の変更をご案内してください。'],
    limit: ['カードの利用限度に達しています。', '別のカード、または金額の変更をご案内してください。'],
    expired: ['カードの期限切れ、または有効期限の誤りです。', 'お客様に有効期限をご確認ください。'],
    barred: ['このカードは利用が停止されています。', '再度お試しにならず、別のカードをご案内してください。'],
    unsupported: ['このカードはこの支払いに利用できません。', '別のカードをご案内してください。'],
    unverified: ['入力内容がカードと一致しません。', '内容を確認し、セキュリティコードをもう一度要求してください。'],
    fault: ['現在、カード会社から回答を得られません。', '少し待ってから、もう一度お試しください。'],
    unsent: ['決済代行事業者に届きませんでした。', 'もう一度承認できます。'],
    unsaid: ['カード会社から理由は示されていません。', 'カード会社へのご確認、または別のカードをご案内してください。'],
  },
  problems: {
    unauthenticated: 'サインインの有効期限が切れました。再度サインインしてください。',
    forbidden: 'この操作の権限がありません。',
    'call-not-found': 'この通話は終了しました。',
    'call-ended': 'この通話は終了しました。',
    'call-not-answered': 'まだ応答されていません。',
    'capture-running': 'お客様が入力中です。待つか、先に中止してください。',
    'cannot-refund': 'この事業者にはここから返金できません。',
    'too-many-requests': '回数を超えました。',
    'bad-detail': 'この値は受け付けられませんでした。',
    'missing-fields': '未入力の項目があります。赤い表示を確認してください。',
    'media-failed': '通話をロックできませんでした。入力いただかず、もう一度お試しください。',
    'media-lost': '通話の接続が乱れました。もう一度お試しください。',
    'cde-lost': 'カード処理を再起動しています。少し待ってからお試しください。',
    overloaded: 'サーバーが混み合っています。少し待ってからお試しください。',
    'gateway-unreachable': '応答がありません。表示されている状態を確認してからお試しください。',
    'timed-out': '応答に時間がかかりました。表示されている状態を確認してからお試しください。',
  },
  doubled: (n) => [
    `この電話機は${n}個のキーを二重に送信しました。`,
    'これ以降、二重のキーは1回として数えるため、カード番号を入力いただけます。各キーを短く押し、同じ数字の間は少し空けるようご案内してから、カード番号を要求してください。',
  ],
};

export const annexTexts: Readonly<Record<Language, AnnexTexts>> = { en, ja };
