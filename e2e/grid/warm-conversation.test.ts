import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { createConversation, longInstructions, timesSooner } from './warm-conversation.ts';

const MODEL_FILE = join(import.meta.dirname, '../../resources/models/lobstah-sample.gguf');

/** The sample model is as small as a model can be: what it saves of reading is little beside what each request costs anyway. */
describe('a conversation that goes on, on the built-in engine', () => {
  let lobstah: LobstahProcess;
  let api: string;
  beforeAll(async () => {
    const home = createHome();
    mkdirSync(join(home, 'models'));
    copyFileSync(MODEL_FILE, join(home, 'models', 'tiny.gguf'));
    lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'builtin' } });
    api = `${lobstah.routerUrl}/v1`;
  });
  afterAll(() => lobstah.stop());

  it('reads only what is new, also after somebody else asked in between', async () => {
    await createConversation(api, 'tiny', 'Short.').say('Hello.'); // loads the model
    const long = createConversation(api, 'tiny', longInstructions(80));
    const first = await long.say('When did ship 7 leave?');
    const second = await long.say('And ship 14?');
    await createConversation(api, 'tiny', 'Be kind.').say('What is the time?');
    const third = await long.say('And ship 21?');
    for (const turn of [first, second, third]) expect(turn).toMatchObject({ status: 200, done: true });
    console.log(
      `first turn ${first.firstMs.toFixed(0)} ms, second ${second.firstMs.toFixed(0)} ms, third ${third.firstMs.toFixed(0)} ms:`,
      `${timesSooner(first, second).toFixed(1)} and ${timesSooner(first, third).toFixed(1)} times sooner;`,
      `tokens read: ${first.read}, ${second.read}, ${third.read}`,
    );
    // How long that takes is noise with a model like this; what was read is not.
    expect(first.read).toBeGreaterThan(1_500);
    expect(second.read).toBeLessThan(first.read / 5);
    expect(third.read).toBeLessThan(first.read / 5);
    expect(third.kept).toBeGreaterThan(first.read);
  });
});
