import type { Command } from 'commander';
import type { Tab } from '../../ledger/ledger.ts';
import { withBooks, type Books } from '../open-books.ts';
import { number, paint, say, sayJson, table } from '../terminal.ts';

export function addBalance(program: Command): void {
  program
    .command('balance')
    .description('what was earned and spent, and with whom credit stands')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withBooks((books) => {
        const totals = books.ledger.totals();
        const tabs = books.ledger.tabs();
        if (options.json) sayJson({ pubkey: books.ledger.ownPubkey, totals, tabs });
        else print(books, totals, tabs);
      }),
    );
}

const credits = (micro: number) => number(micro / 1e6);

function print(books: Books, totals: ReturnType<Books['ledger']['totals']>, tabs: readonly Tab[]): void {
  say(
    `Earned ${paint('green', credits(totals.earnedMicro))}   spent ${paint('blue', credits(totals.spentMicro))} credits`,
  );
  if (totals.givenMicro > 0) say(`Given away: ${credits(totals.givenMicro)}`);
  if (totals.ownTokens > 0) say(paint('dim', `Own use, free: ${number(totals.ownTokens)} tokens`));
  if (tabs.length === 0) {
    say("\nNobody owes anybody. Earn by serving ('lobstah worker start'), spend by asking ('lobstah chat').");
    return;
  }
  say('\nCredit is kept with each peer; it can be spent with that peer.');
  const head = ['WITH', 'EARNED', 'SPENT', 'CREDIT'].map((title) => paint('dim', title));
  const rows = tabs.map((tab) => [
    books.labelOf(tab.pubkey),
    credits(tab.earnedMicro),
    credits(tab.spentMicro),
    tab.balanceMicro >= 0 ? `${credits(tab.balanceMicro)} to spend` : `${credits(-tab.balanceMicro)} owed to them`,
  ]);
  say(table([head, ...rows]));
}
