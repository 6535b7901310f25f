import { createLlamaAnswers } from '../app/engine/builtin/llama-answers.ts';
import { parseLlamaHostConfig } from '../app/engine/builtin/llama-messages.ts';
import { answerLlamaTrial } from './llama-trial.ts';

/** The process with llama.cpp in it, as a utility process of Electron, which ends it when the app ends, also on kill -9. */
answerLlamaTrial();
const { parentPort } = process;
const config: unknown = JSON.parse(process.argv.at(-1) ?? '{}');
const answers = createLlamaAnswers(parseLlamaHostConfig(config), (message) => parentPort.postMessage(message));
parentPort.on('message', ({ data }: { data: unknown }) => answers(data));
