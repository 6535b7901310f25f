"""Writes the trained weights as a GGUF file for llama.cpp: `python export.py lobstah-sample.gguf`."""

import json
import sys

import gguf
import numpy as np
import torch

import architecture as size

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m['role'] == 'system' %}<|system|>{{ m['content'] }}<|end|>"
    "{% elif m['role'] == 'user' %}<|user|>{{ m['content'] }}<|end|>"
    "{% elif m['role'] == 'assistant' %}<|assistant|>{{ m['content'] }}<|end|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
# Names in the file, and the parameters of train.py behind them.
LAYER_NORMS = {'attn_norm': 'an', 'ffn_norm': 'fn'}
LAYER_MATRICES = {
    'attn_q': 'q',
    'attn_k': 'k',
    'attn_v': 'v',
    'attn_output': 'o',
    'ffn_gate': 'g',
    'ffn_up': 'u',
    'ffn_down': 'd',
}


def write_metadata(writer, vocabulary_size):
    """What the model is, and the sizes of its layers."""
    writer.add_name('lobstah-sample')
    writer.add_description(
        'A one-million-parameter sample model trained on synthetic sentences; real answers need a real model.'
    )
    writer.add_license('mit')
    writer.add_context_length(size.FILE_CONTEXT)
    writer.add_embedding_length(size.WIDTH)
    writer.add_block_count(size.LAYERS)
    writer.add_feed_forward_length(size.HIDDEN_WIDTH)
    writer.add_head_count(size.HEADS)
    writer.add_head_count_kv(size.HEADS)
    writer.add_layer_norm_rms_eps(size.NORM_EPSILON)
    writer.add_rope_dimension_count(size.WIDTH // size.HEADS)
    writer.add_rope_freq_base(size.ROPE_BASE)
    writer.add_vocab_size(vocabulary_size)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def write_tokenizer(writer, tokenizer, vocabulary, added, vocabulary_size):
    """Pieces, merges, special tokens and the chat template."""
    tokens = [None] * vocabulary_size
    types = [gguf.TokenType.NORMAL] * vocabulary_size
    for text, number in vocabulary.items():
        tokens[number] = text
    for text, number in added.items():
        tokens[number] = text
        types[number] = gguf.TokenType.CONTROL
    merges = [merge if isinstance(merge, str) else ' '.join(merge) for merge in tokenizer['model']['merges']]
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('gpt-2')
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(added['<|bos|>'])
    writer.add_eos_token_id(added['<|end|>'])
    writer.add_eot_token_id(added['<|end|>'])
    writer.add_pad_token_id(added['<|pad|>'])
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_weights(writer, weights):
    """Matrices in 16 bits, norms in 32, as llama.cpp wants them."""

    def add(name, tensor, number_type):
        writer.add_tensor(name, tensor.detach().float().numpy().astype(number_type))

    add('token_embd.weight', weights['e.weight'], np.float16)
    add('output_norm.weight', weights['n'], np.float32)
    for layer in range(size.LAYERS):
        for name, parameter in LAYER_NORMS.items():
            add(f'blk.{layer}.{name}.weight', weights[f'b.{layer}.{parameter}'], np.float32)
        for name, parameter in LAYER_MATRICES.items():
            add(f'blk.{layer}.{name}.weight', weights[f'b.{layer}.{parameter}.weight'], np.float16)


def main():
    weights = torch.load(size.WEIGHTS_FILE, map_location='cpu')
    with open(size.TOKENIZER_FILE, encoding='utf-8') as file:
        tokenizer = json.load(file)
    vocabulary = dict(tokenizer['model']['vocab'])
    added = {token['content']: token['id'] for token in tokenizer['added_tokens']}
    vocabulary_size = max([*vocabulary.values(), *added.values()]) + 1
    writer = gguf.GGUFWriter(sys.argv[1], 'llama')
    write_metadata(writer, vocabulary_size)
    write_tokenizer(writer, tokenizer, vocabulary, added, vocabulary_size)
    write_weights(writer, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == '__main__':
    main()
