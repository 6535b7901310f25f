/** openclaw reads the first three from openclaw.plugin.json too; a test compares. */
export const PROVIDER_ID = 'lobstah';
export const PROVIDER_LABEL = 'Lobstah grid';
export const API_KEY_VARIABLE = 'LOBSTAH_API_KEY';

export const DEFAULT_BASE_URL = 'http://127.0.0.1:17475/v1';
/** The router checks no key unless its owner set one; openclaw wants one in any case. */
export const ANY_API_KEY = 'lobstah';
/** The router's name for "whatever fits best". openclaw takes the provider's own prefix off a model id. */
export const AUTO_MODEL = 'auto';
export const AUTO_MODEL_AT_ROUTER = 'lobstah/auto';
