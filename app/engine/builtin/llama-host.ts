import { createLlamaAnswers } from './llama-answers.ts';
import { parseLlamaHostConfig } from './llama-messages.ts';

/**
 * The process with llama.cpp in it, as a child of Node: nothing that happens here can block or take down the grid. It lives no
 * longer than its parent: the channel closes with it, also on kill -9.
 */
const answers = createLlamaAnswers(parseLlamaHostConfig(JSON.parse(process.argv[2] ?? '{}')), (message) => {
  // A parent that died takes the channel with it, maybe in the middle of a word; 'disconnect' follows.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
});

process.on('message', answers);
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent lets running answers end and then closes this one.
process.on('SIGINT', () => undefined);
