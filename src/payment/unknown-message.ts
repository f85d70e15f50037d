/** What an agent reads when nobody can say what became of a payment (P-80). The Japanese text is the seed's, to the letter. */
export const unknownMessages = {
  en: 'Do not resubmit. The status of the payment is unknown: please contact the payment service provider.',
  ja: '再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。',
} as const;
