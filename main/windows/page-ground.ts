/** `--ground` of the pages (renderer/ui/tokens.css): shown until they have drawn, so that nothing flashes. */
export const PAGE_GROUND = { light: '#f5f5f7', dark: '#1e1e20' } as const;
