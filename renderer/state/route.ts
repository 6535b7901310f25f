export const DASHBOARD_PAGES = [
  'overview',
  'ledger',
  'peers',
  'activity',
  'models',
  'openclaw',
  'privacy',
  'diagnostics',
  'settings',
] as const;
export type DashboardPage = (typeof DASHBOARD_PAGES)[number];

export type Route =
  | { readonly view: 'popover' }
  | { readonly view: 'onboarding' }
  /** `detail` is what the page opens with: the job id of a receipt in the ledger */
  | { readonly view: 'dashboard'; readonly page: DashboardPage; readonly detail: string | null }
  /** an address without a place in it: the shell decides */
  | { readonly view: 'start' };

/** `#/popover`, `#/onboarding`, `#/dashboard/<page>[/<detail>]` */
export function parseRoute(hash: string): Route {
  const [view, page, detail] = hash.replace(/^#\/?/, '').split('/');
  if (view === 'popover' || view === 'onboarding') return { view };
  if (view !== 'dashboard') return { view: 'start' };
  const known = DASHBOARD_PAGES.find((name) => name === page) ?? 'overview';
  return { view, page: known, detail: detail ? decodeURIComponent(detail) : null };
}

export function dashboardHash(page: DashboardPage, detail?: string): string {
  return `#/dashboard/${page}${detail === undefined ? '' : `/${encodeURIComponent(detail)}`}`;
}
