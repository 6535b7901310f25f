/**
 * Canonical JSON of Lobstah v1: object keys sorted by UTF-16 code units, no white space, scalars as JSON.stringify prints
 * them. Signatures are over its UTF-8 bytes. Members that are undefined are left out, as JSON.stringify does.
 *
 * @throws TypeError for what JSON has no form for: NaN, infinities, functions, symbols, bigints, undefined outside an object
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} has no JSON form`);
  let members = '';
  // Without a comparison of its own, sort compares UTF-16 code units.
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** Keeps the text that was signed with the document, out of sight of whoever prints or compares the document itself. */
export function withCanonical<Document extends object>(
  document: Document,
  canonical: string,
): Document & { readonly canonical: string } {
  return Object.defineProperty(document, 'canonical', { value: canonical }) as Document & {
    readonly canonical: string;
  };
}
