import { enableCompileCache } from 'node:module';

// Stripping types and compiling is most of what a short command does: it is done once, and kept beside the temporary files.
enableCompileCache();
// `lobstah receipts | head`: who reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const { createProgram } = await import('./program.ts');
const { fail } = await import('./terminal.ts');

const program = await createProgram(process.argv[2]);
process.exitCode = await program.parseAsync().then(
  () => process.exitCode ?? 0,
  (error: unknown) => fail(error),
);
