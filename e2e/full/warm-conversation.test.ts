import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { createConversation, longInstructions, timesSooner } from '../grid/warm-conversation.ts';
import { gemmaForTests } from './gemma-for-tests.ts';

const gemma = await gemmaForTests();
if ('missing' in gemma) console.log(`gemma is skipped: ${gemma.missing}`);
const modelPath = 'path' in gemma ? gemma.path : '';

describe.runIf(modelPath !== '')('gemma 270m, a real small model, behind worker and router', () => {
  it('begins the second turn of a long conversation at least five times sooner than the first', async () => {
    const home = createHome();
    mkdirSync(join(home, 'models'));
    copyFileSync(modelPath, join(home, 'models', 'gemma.gguf'));
    const lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'builtin' } });
    const api = `${lobstah.routerUrl}/v1`;
    await createConversation(api, 'gemma', 'Short.').say('Hello.'); // loads the model
    const long = createConversation(api, 'gemma', longInstructions(150));
    const first = await long.say('When did ship 7 leave?');
    const second = await long.say('And ship 14?');
    await createConversation(api, 'gemma', 'Be kind.').say('What is the time?');
    const third = await long.say('And ship 21?');
    console.log(
      `first content of turn 1 after ${first.firstMs.toFixed(0)} ms (${first.read} tokens read),`,
      `of turn 2 after ${second.firstMs.toFixed(0)} ms (${second.read} read, ${second.kept} kept):`,
      `${timesSooner(first, second).toFixed(1)} times sooner;`,
      `of turn 3, with another conversation in between, after ${third.firstMs.toFixed(0)} ms (${third.read} read):`,
      `${timesSooner(first, third).toFixed(1)} times sooner`,
    );
    expect(timesSooner(first, second)).toBeGreaterThanOrEqual(5);
    expect(timesSooner(first, third)).toBeGreaterThanOrEqual(5);
    await lobstah.stop();
  });
});
