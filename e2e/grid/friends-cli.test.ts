import { expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { chat, until } from './test-grid.ts';

it(
  'two homes become friends, and strangers again in the middle of an answer, by commands and processes alone',
  { timeout: 120_000 },
  async () => {
    const ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 4_000, tokenDelayMs: 20 });
    const [makerHome, guestHome] = [createHome(), createHome()];
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const maker = await startLobstah(['worker', 'start'], { home: makerHome, env });
    const guest = await startLobstah(['router', 'start'], { home: guestHome });
    const run = async (home: string, ...args: string[]) => {
      const { code, stdout, stderr } = await runLobstah(args, { home });
      return { code, stdout, stderr };
    };
    const json = async (home: string, ...args: string[]) => {
      const { code, stdout, stderr } = await run(home, ...args, '--json');
      expect(`${code} ${stderr}`).toBe('0 ');
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    try {
      const made = await run(makerHome, 'invite', '--label', 'Anna', '--expires', '2h', '--qr');
      expect(made).toMatchObject({ code: 0, stderr: '' });
      const [link = ''] = made.stdout.split('\n');
      expect(link).toMatch(/^lobstah:invite\?/);
      expect(made.stdout).toMatch(/[█▀▄]{8}/);
      expect(made.stdout).toContain('which nobody else can reach');

      const asked = await run(guestHome, 'invite', 'accept', link, '--label', 'Ben');
      expect(asked).toMatchObject({ code: 0, stderr: '' });
      expect(asked.stdout).toContain('Anna has to confirm');
      expect(await json(makerHome, 'invite', 'list')).toMatchObject({
        waiting: [{ pubkey: guest.pubkey, label: 'Ben' }],
        open: [],
      });
      expect((await run(makerHome, 'invite', 'list')).stdout).toContain('waits for you');
      // By the beginning of the key, as the list shows it.
      const confirmed = await run(makerHome, 'invite', 'confirm', guest.pubkey.slice(0, 20));
      expect(confirmed).toMatchObject({ code: 0, stdout: 'Ben is a friend now.\n' });
      const told = await run(guestHome, 'invite', 'accept', link);
      expect(`${told.stdout}${told.stderr}`).toMatch(/Anna is a friend now|Asked/);
      await until(async () => (await run(guestHome, 'friends', 'list')).stdout.includes('Anna'), 'the guest knows');
      expect((await run(makerHome, 'friends', 'set', guest.pubkey, '--limit', '500000')).code).toBe(0);
      expect(await json(makerHome, 'friends', 'list')).toMatchObject([{ label: 'Ben', tokensPerDay: 500_000 }]);

      const reused = await run(createHome(), 'invite', 'accept', link);
      expect(reused.code).toBe(1);
      expect(reused.stderr).toContain('Somebody else has redeemed this invite already.');
      const broken = await run(createHome(), 'invite', 'accept', link.replace('as=friend', 'as=device'));
      expect(broken.stderr).toContain('it was changed after its maker signed it');

      expect((await run(makerHome, 'friends', 'only', 'on')).stdout).toContain('friends and your own devices only');
      const answer = chat(`${guest.routerUrl}/v1`, { model: 'lobstah/friends', max_tokens: 4_000 });
      await until(() => ollama.chats.length === 1, 'the engine answers');
      expect((await run(makerHome, 'friends', 'remove', guest.pubkey)).stdout).toContain('Ben is a stranger again.');
      const removedMs = performance.now();
      const { done, error } = await answer;
      expect(performance.now() - removedMs).toBeLessThan(1_000);
      expect([done, error?.code ?? error?.type]).not.toContain(true);
      expect(error?.message).toBeTruthy();
      const again = await chat(`${guest.routerUrl}/v1`, { model: 'm' });
      expect(again.text).toMatch(/friends_only|no_capable_peer|insufficient_credit/);
    } finally {
      await Promise.all([maker.stop(), guest.stop()]);
      await ollama.close();
    }
  },
);
