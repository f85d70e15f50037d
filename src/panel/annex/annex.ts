import { annexStyles } from '../styles/annex.ts';
import type { Annex } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';
import { historyView } from './history.ts';
import { keypadNote } from './keypad-note.ts';
import { paymentAdder } from './payment-adder.ts';
import { pspPicker } from './psp-picker.ts';

export const annex: Annex = {
  styles: annexStyles,
  history: historyView,
  keypadNote,
  paymentAdder,
  pspPicker,
  problemText: (language, code) => annexTexts[language].problems[code],
};
