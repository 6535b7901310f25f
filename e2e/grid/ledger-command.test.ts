import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testReceipt, testSigner } from '../../app/ledger/testing/test-jobs.ts';
import { openWritable } from '../../app/store/driver.ts';
import { createHome, runLobstah } from './lobstah-process.ts';
import { chat, startTestGrid } from './test-grid.ts';

const v1Line = ({ receipt, signature }: ReturnType<typeof testReceipt>) => JSON.stringify({ receipt, signature });

it(
  'the books of a running Lobstah are verified, filled from v1, exported and backed up',
  { timeout: 240_000 },
  async () => {
    await using grid = await startTestGrid({ roles: 'both' });
    expect((await chat(grid.api)).done).toBe(true);
    const { home, signer } = grid;
    const lobstah = (...args: string[]) => runLobstah(['ledger', ...args], { home });
    const json = async (...args: string[]) => JSON.parse((await lobstah(...args, '--json')).stdout) as unknown;
    expect(await json('verify')).toMatchObject({ ok: true, entries: 1, receipts: 1, orders: 1 });

    const v1 = join(home, 'v1.jsonl');
    const earned = testReceipt({ worker: signer, number: 1 }, testSigner(2).pubkey, 'v1 job');
    writeFileSync(v1, `${v1Line(earned)}\n{"torn`);
    const imported = await lobstah('import', v1, '--rejects', join(home, 'rejects'));
    expect(imported).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /line 2: it is not valid JSON[^]*1 entered \(1 served\), 0 known already, 1 not entered/,
      ) as string,
    });
    expect(readFileSync(join(home, 'rejects'), 'utf8')).toBe('{"torn\n');
    expect(await json('import', v1)).toMatchObject({ known: 1, refusedLines: [{ line: 2, reason: 'no_json' }] });
    // The Lobstah that runs sees them at once.
    expect(grid.books.tabMicro(testSigner(2).pubkey)).toBe(30_000_000);

    const out = join(home, 'out.jsonl');
    expect((await lobstah('export', out)).code).toBe(0);
    expect((await lobstah('export')).stdout).toBe(readFileSync(out, 'utf8'));
    expect((await lobstah('export', out)).code).toBe(2);
    expect((await lobstah('export', '--format', 'csv')).stdout.split('\r\n')).toHaveLength(4);
    expect(statSync(out).mode & 0o777).toBe(0o600);

    // The backup is the ledger of another home, with the key of this one: that is what restoring is.
    const copy = createHome();
    writeFileSync(join(copy, 'identity.json'), readFileSync(join(home, 'identity.json')), { mode: 0o600 });
    expect((await lobstah('backup', join(copy, 'ledger.sqlite'))).code).toBe(0);
    expect(await lobstah('backup', join(copy, 'ledger.sqlite'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force') as string,
    });
    expect((await runLobstah(['ledger', 'verify'], { home: copy })).stdout).toContain(
      '2 entries, 2 receipts, 1 orders',
    );

    const db = openWritable(join(copy, 'ledger.sqlite'));
    db.exec("UPDATE entries SET output_tokens = 21 WHERE job_id = 'v1 job'");
    db.close();
    const verified = await runLobstah(['ledger', 'verify'], { home: copy });
    expect(verified).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('v1 job: its output tokens is not that of the receipt') as string,
    });
  },
);
