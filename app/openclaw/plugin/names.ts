/** openclaw reads the first three from openclaw.plugin.json too; a test compares. */
export const PROVIDER_ID = 'lobstah';
export const PROVIDER_LABEL = 'Lobstah grid';
export const API_KEY_VARIABLE = 'LOBSTAH_API_KEY';

export const DEFAULT_BASE_URL = 'http://127.0.0.1:17475/v1';
/** The router checks no key unless its owner set one; openclaw wants one in any case. */
export const ANY_API_KEY = 'lobstah';
/** The router's name for "whatever fits best". To openclaw its prefix is the provider's: both take 'lobstah/auto' (see below). */
export const AUTO_MODEL = 'lobstah/auto';
