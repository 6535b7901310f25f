/** Up to here one core outruns any number of them: the threads would only wait for each other. */
const TINY_MODEL_BYTES = 64 * 1024 * 1024;

/**
 * How many threads llama.cpp gets: one for a tiny model, else the cores that are free right now, one of them left to the owner
 * where there are several. More threads than free cores is ruinous (2 tok/s instead of 1,500 on a shared machine).
 */
export function pickThreads(machine: { modelBytes: number; cores: number; loadAverage: number }): number {
  if (machine.modelBytes <= TINY_MODEL_BYTES) return 1;
  const free = Math.floor(machine.cores - machine.loadAverage);
  const spared = machine.cores > 2 ? 1 : 0;
  return Math.max(1, Math.min(free, machine.cores - spared));
}
