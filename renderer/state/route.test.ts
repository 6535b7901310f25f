import { describe, expect, it } from 'vitest';
import { dashboardHash, parseRoute } from './route.ts';

describe('parseRoute', () => {
  it.each([
    ['', { view: 'start' }],
    ['#code=abc', { view: 'start' }],
    ['#/popover', { view: 'popover' }],
    ['#/onboarding', { view: 'onboarding' }],
    ['#/dashboard', { view: 'dashboard', page: 'overview', detail: null }],
    ['#/dashboard/peers', { view: 'dashboard', page: 'peers', detail: null }],
    ['#/dashboard/nowhere', { view: 'dashboard', page: 'overview', detail: null }],
    ['#/dashboard/ledger/a%2Fb', { view: 'dashboard', page: 'ledger', detail: 'a/b' }],
  ])('reads %s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('reads what dashboardHash wrote', () => {
    expect(parseRoute(dashboardHash('ledger', 'a/b'))).toEqual({ view: 'dashboard', page: 'ledger', detail: 'a/b' });
  });
});
