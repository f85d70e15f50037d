import { annexStyles } from '../styles/annex.ts';
import type { Annex } from '../views/scene.ts';
import { addedLines } from './added-lines.ts';
import { afterword } from './afterword.ts';
import { allPayments } from './all-payments.ts';
import { annexTexts } from './annex-texts.ts';
import { balance } from './balance.ts';
import { declineReason } from './decline-reason.ts';
import { historyView } from './history.ts';
import { keypadNote } from './keypad-note.ts';
import { paymentAdder } from './payment-adder.ts';
import { providerWord } from './provider-word.ts';
import { pspPicker } from './psp-picker.ts';
import { recall } from './recall.ts';
import { trueWords } from './true-words.ts';

export const annex: Annex = {
  styles: annexStyles,
  trueWords,
  recall,
  afterword,
  balance,
  history: historyView,
  keypadNote,
  declineReason,
  providerWord,
  allPayments,
  addedLines,
  paymentAdder,
  pspPicker,
  problemText: (language, code) => annexTexts[language].problems[code],
};
