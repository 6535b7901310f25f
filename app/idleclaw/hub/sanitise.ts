/** A tag that is longer than this is not waited for: it is made harmless instead of being taken out. */
const MAX_HELD = 512;
const OPENS_TAG = /[A-Za-z/!?]/;

/**
 * Takes markup tags out of a text that comes in pieces, wherever the pieces were cut. What is promised: the output never has
 * `<` before a letter, `/`, `!` or `?`, so no browser sees a tag in it; and how the text was cut changes nothing.
 * `a < b` stays; a `<` that opens a tag which never closes gets a space after it.
 */
export class Sanitiser {
  /** from a `<` on, undecided */
  private held = '';
  /** the last character that went out: taking a tag out must not push a letter against a `<` that stayed */
  private last = '';

  push(text: string): string {
    if (this.held === '' && this.last !== '<' && !text.includes('<')) {
      if (text !== '') this.last = text.slice(-1);
      return text;
    }
    this.held += text;
    return this.decide(false);
  }

  /** What was held back; after this it starts anew. */
  end(): string {
    const out = this.decide(true);
    this.last = '';
    return out;
  }

  private decide(atEnd: boolean): string {
    let out = '';
    let rest = this.held;
    for (;;) {
      const open = rest.indexOf('<');
      if (open < 0) {
        out += this.emit(rest);
        rest = '';
        break;
      }
      out += this.emit(rest.slice(0, open));
      rest = rest.slice(open);
      if (rest.length === 1 && !atEnd) break;
      if (!OPENS_TAG.test(rest.charAt(1))) {
        out += this.emit('<');
        rest = rest.slice(1);
        continue;
      }
      // Looked for near by only: a long run of `<a<a<a` would otherwise be read again from each of them to its end.
      const close = rest.slice(0, MAX_HELD).indexOf('>');
      if (close >= 0) {
        rest = rest.slice(close + 1);
        continue;
      }
      if (!atEnd && rest.length < MAX_HELD) break;
      out += this.emit('< ');
      rest = rest.slice(1);
    }
    this.held = rest;
    return out;
  }

  private emit(text: string): string {
    if (text === '') return '';
    const safe = this.last === '<' && OPENS_TAG.test(text.charAt(0)) ? ` ${text}` : text;
    this.last = safe.slice(-1);
    return safe;
  }
}

/** The first `characters` of a text, never half of a surrogate pair. */
export function cutTo(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const code = text.charCodeAt(characters - 1);
  return text.slice(0, code >= 0xd8_00 && code <= 0xdb_ff ? characters - 1 : characters);
}
