import type { Page } from '@playwright/test';

/** The popover as a person sees it. */
export function popoverScreen(page: Page) {
  return {
    root: page.getByRole('main', { name: 'Lobstah' }),
    shareSwitch: page.getByRole('switch', { name: 'Share idle compute' }),
    sentence: page.locator('#share-sentence'),
    dashboard: page.getByRole('button', { name: /^Dashboard/ }),
    settings: page.getByRole('button', { name: /^Settings/ }),
    /** the number under a title of the card of today */
    figure: (title: string) => page.locator('.today div').filter({ hasText: title }).locator('dd'),
    copyRouterAddress: page.getByRole('button', { name: /Copy router address/ }),
  };
}
