const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** 18,240 · 0.42: fractions only where they are most of the number. */
export function formatCount(value: number): string {
  return (Math.abs(value) < 100 ? precise : whole).format(value).replace('-', '−');
}

/** +716 · −206 · 0 */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

const STEPS = [
  { from: 999_500_000, unit: 1e9, suffix: ' G' },
  { from: 999_500, unit: 1e6, suffix: ' M' },
  { from: 10_000, unit: 1e3, suffix: 'k' },
] as const;

/** 84k · 1.02 M: for places where the order of magnitude is the message. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  const step = STEPS.find(({ from }) => size >= from);
  if (!step) return formatCount(value);
  const scaled = value / step.unit;
  const digits = step.unit === 1e3 || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits).replace('-', '−')}${step.suffix}`;
}

/** 4.9 GB, in the decimal units macOS and Ollama use. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes >= 1e11 ? 0 : 1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.round(bytes / 1e3)} kB`;
}

/** Memory comes in powers of two: a Mac with 16 GB has 16 × 2^30 bytes. */
export function formatMemory(bytes: number): string {
  return `${Math.round(bytes / 2 ** 30)} GB`;
}

/** 1 job · 96 jobs */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export function formatRate(tokensPerSecond: number): string {
  return `${tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : Math.round(tokensPerSecond)} tok/s`;
}
