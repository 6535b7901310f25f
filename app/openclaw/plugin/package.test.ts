import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import rootPackage from '../../../package.json' with { type: 'json' };
import { API_KEY_VARIABLE, AUTO_MODEL, PROVIDER_ID, PROVIDER_LABEL } from './names.ts';

const read = (file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'package', file), 'utf8')) as Record<string, unknown>;

it('the manifest, which openclaw reads before it runs anything, says what the code says', () => {
  expect(read('openclaw.plugin.json')).toMatchObject({
    id: PROVIDER_ID,
    name: PROVIDER_LABEL,
    providers: [PROVIDER_ID],
    modelIdNormalization: { providers: { [PROVIDER_ID]: { aliases: { auto: AUTO_MODEL } } } },
    setup: { providers: [{ id: PROVIDER_ID, envVars: [API_KEY_VARIABLE] }] },
    providerAuthChoices: [{ provider: PROVIDER_ID, choiceId: PROVIDER_ID, choiceLabel: PROVIDER_LABEL }],
  });
});

it('plugin and Lobstah have one version', () => {
  expect(read('openclaw.plugin.json')['version']).toBe(rootPackage.version);
  expect(read('package.json')['version']).toBe(rootPackage.version);
  expect(read('package.json')).not.toHaveProperty('dependencies');
});
