import { GridError } from '../protocol/errors.ts';

const MAX_REMEMBERED_KEYS = 10_000;

interface Waiting {
  readonly key: string;
  readonly patient: boolean;
  enter(): void;
}

/**
 * The places at the engine: so many at once, so many waiting. Each key takes its turn, so one key with fifty requests does
 * not keep the others out. The owner never waits here: own requests go straight to the engine.
 */
export class Places {
  private running = 0;
  private readonly runningByKey = new Map<string, number>();
  /** when each key last got a place, counted in places given */
  private readonly lastTurn = new Map<string, number>();
  private turns = 0;
  private readonly queue: Waiting[] = [];
  private readonly limits: () => { concurrency: number; maxQueue: number };

  constructor(limits: () => { concurrency: number; maxQueue: number }) {
    this.limits = limits;
  }

  get runningCount(): number {
    return this.running;
  }

  get waitingCount(): number {
    return this.queue.length;
  }

  /**
   * @param patient a stored job: nobody is kept on the line by it, so it waits beyond maxQueue and takes no one's turn to wait
   * @returns leaves the place; safe to call twice
   * @throws GridError queue_full at once, or the signal's reason while waiting
   */
  async enter(key: string, owner: boolean, signal: AbortSignal, patient = false): Promise<() => void> {
    signal.throwIfAborted();
    const { concurrency, maxQueue } = this.limits();
    if (owner || this.running < concurrency) this.occupy(key);
    else {
      const impatient = this.queue.filter((waiting) => !waiting.patient).length;
      if (!patient && impatient >= maxQueue) throw new GridError('queue_full');
      await this.wait(key, signal, patient);
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.vacate(key);
    };
  }

  private wait(key: string, signal: AbortSignal, patient: boolean): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        key,
        patient,
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          this.occupy(key);
          resolve();
        },
      };
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.queue.push(waiting);
    });
  }

  private occupy(key: string): void {
    this.running += 1;
    this.turns += 1;
    // Keys are free to make: what is remembered of them is bounded. Forgetting costs nobody more than one turn.
    if (this.lastTurn.size >= MAX_REMEMBERED_KEYS) this.lastTurn.clear();
    this.lastTurn.set(key, this.turns);
    this.runningByKey.set(key, (this.runningByKey.get(key) ?? 0) + 1);
  }

  private vacate(key: string): void {
    this.running -= 1;
    const left = (this.runningByKey.get(key) ?? 1) - 1;
    if (left === 0) this.runningByKey.delete(key);
    else this.runningByKey.set(key, left);
    if (this.queue.length === 0 || this.running >= this.limits().concurrency) return;
    this.queue.splice(this.nextIndex(), 1)[0]?.enter();
  }

  /** The key with the fewest running; among equals the one whose last turn is longest ago. */
  private nextIndex(): number {
    let best = 0;
    let bestRank: readonly [number, number] = [Infinity, Infinity];
    this.queue.forEach(({ key }, index) => {
      const rank = [this.runningByKey.get(key) ?? 0, this.lastTurn.get(key) ?? 0] as const;
      if (rank[0] < bestRank[0] || (rank[0] === bestRank[0] && rank[1] < bestRank[1])) [best, bestRank] = [index, rank];
    });
    return best;
  }
}
