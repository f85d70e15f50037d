import type { Messages } from './en.ts';

export type Language = 'en' | 'ja';

const loaders: Record<Language, () => Promise<Messages>> = {
  en: async () => (await import('./en.ts')).en,
  ja: async () => (await import('./ja.ts')).ja,
};
/** Then whoever draws asks for it again. */
const pauseMs = 500;
const tables: Partial<Record<Language, Messages>> = {};

/** @returns undefined for a language that has not been loaded yet. */
export const messagesOf = (language: Language): Messages | undefined => tables[language];

/** Loads one table: a desktop carries only the language that its agent reads. Resolves a little later, without it, after a cut. */
export async function loadMessages(language: Language): Promise<void> {
  try {
    tables[language] ??= await loaders[language]();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** The first of the wanted languages that the panel speaks; English where it speaks none. */
export function pickLanguage(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'ja' || tag === 'en');
  return known === 'ja' ? 'ja' : 'en';
}
