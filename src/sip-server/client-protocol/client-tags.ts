/** drachtio-srf's own limits: so many tags an application, of such characters and no longer. */
const tagsMax = 20;
const tag = /^[a-zA-Z0-9\-_+@:]{1,32}$/;

export const isTag = (text: string): boolean => tag.test(text);

/** Reads the tags of `authenticate`, `billing,eu`; what is no tag is left out, and so is whatever is past the limit. */
export const parseTags = (text: string): ReadonlySet<string> =>
  new Set(text.split(',').filter(isTag).slice(0, tagsMax));
