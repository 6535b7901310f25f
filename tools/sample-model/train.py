"""Trains the sample model from nothing: `python train.py SECONDS` writes m.pt and tok.json.

A llama of one million parameters, on the conversations of data.py. Names of parameters are those that export.py reads.
"""

import math
import re
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import architecture as size
import data

CONVERSATIONS = 60_000
TOKENIZER_CONVERSATIONS = 20_000
BATCH = 48
PEAK_RATE = 3e-3
WARM_UP_STEPS = 100
DEFAULT_SECONDS = 900.0
REPORT_EVERY_STEPS = 200


class Block(nn.Module):
    """One layer: attention, then a gated feed-forward network, each behind a norm."""

    def __init__(self):
        super().__init__()
        self.an = nn.Parameter(torch.ones(size.WIDTH))
        self.fn = nn.Parameter(torch.ones(size.WIDTH))
        self.q = nn.Linear(size.WIDTH, size.WIDTH, bias=False)
        self.k = nn.Linear(size.WIDTH, size.WIDTH, bias=False)
        self.v = nn.Linear(size.WIDTH, size.WIDTH, bias=False)
        self.o = nn.Linear(size.WIDTH, size.WIDTH, bias=False)
        self.g = nn.Linear(size.WIDTH, size.HIDDEN_WIDTH, bias=False)
        self.u = nn.Linear(size.WIDTH, size.HIDDEN_WIDTH, bias=False)
        self.d = nn.Linear(size.HIDDEN_WIDTH, size.WIDTH, bias=False)


def norm(x, weight):
    """Root mean square norm."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + size.NORM_EPSILON) * weight


def rotate(x, cosines, sines):
    """Rotary positions on neighbouring pairs, which is llama.cpp's order for this architecture."""
    even = x[..., 0::2]
    odd = x[..., 1::2]
    return torch.stack([even * cosines - odd * sines, even * sines + odd * cosines], -1).flatten(-2)


class Model(nn.Module):
    """The whole network; the embedding is also the output layer."""

    def __init__(self, vocabulary):
        super().__init__()
        self.e = nn.Embedding(vocabulary, size.WIDTH)
        self.b = nn.ModuleList(Block() for _ in range(size.LAYERS))
        self.n = nn.Parameter(torch.ones(size.WIDTH))
        head_width = size.WIDTH // size.HEADS
        frequencies = size.ROPE_BASE ** (-torch.arange(0, head_width, 2) / head_width)
        angles = torch.arange(size.TRAINED_CONTEXT * 2)[:, None] * frequencies[None]
        self.register_buffer('cosines', angles.cos(), persistent=False)
        self.register_buffer('sines', angles.sin(), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, 0, 0.02 if 'e.' in name else 0.05)

    def forward(self, tokens):
        length = tokens.shape[1]
        hidden = self.e(tokens)
        cosines = self.cosines[:length]
        sines = self.sines[:length]
        for block in self.b:
            hidden = hidden + attend(block, norm(hidden, block.an), cosines, sines)
            normed = norm(hidden, block.fn)
            hidden = hidden + block.d(F.silu(block.g(normed)) * block.u(normed))
        return norm(hidden, self.n) @ self.e.weight.T


def attend(block, x, cosines, sines):
    """Causal attention over all heads."""

    def heads(z):
        return z.view(*z.shape[:2], size.HEADS, size.WIDTH // size.HEADS).transpose(1, 2)

    queries = rotate(heads(block.q(x)), cosines, sines)
    keys = rotate(heads(block.k(x)), cosines, sines)
    values = heads(block.v(x))
    mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    return block.o(mixed.transpose(1, 2).flatten(2))


def train_tokenizer(corpus):
    """Byte-level BPE, learned without the special tokens, which come after."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    plain = [re.sub(r'<\|[a-z]+\|>', '\n', text) for text in corpus[:TOKENIZER_CONVERSATIONS]]
    trainer = trainers.BpeTrainer(
        vocab_size=size.VOCABULARY - len(size.SPECIAL_TOKENS),
        special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(plain, trainer)
    tokenizer.add_special_tokens(size.SPECIAL_TOKENS)
    tokenizer.save(size.TOKENIZER_FILE)
    return tokenizer


def rate_at(step, progress):
    """Warm up, then a cosine down to three hundredths."""
    warm_up = min(1, (step + 1) / WARM_UP_STEPS)
    return PEAK_RATE * warm_up * (0.5 * (1 + math.cos(math.pi * progress)) * 0.97 + 0.03)


def pad(conversations, padding):
    """A rectangle of tokens."""
    longest = max(map(len, conversations))
    batch = torch.full((len(conversations), longest), padding)
    for row, tokens in enumerate(conversations):
        batch[row, :len(tokens)] = torch.tensor(tokens)
    return batch


def train(model, encoded, vocabulary, padding, seconds):
    """Trains for so many seconds, on batches of conversations of like length."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    draw = np.random.default_rng(1)
    by_length = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
    started = time.time()
    step = 0
    average = None
    while True:
        progress = (time.time() - started) / seconds
        if progress >= 1:
            return step, average
        for group in optimizer.param_groups:
            group['lr'] = rate_at(step, progress)
        first = int(draw.integers(0, len(by_length) - BATCH))
        chosen = [encoded[index][:size.TRAINED_CONTEXT] for index in by_length[first:first + BATCH]]
        batch = pad(chosen, padding)
        logits = model(batch[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, vocabulary), batch[:, 1:].reshape(-1), ignore_index=padding)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        if step % REPORT_EVERY_STEPS == 0:
            print(step, f'{time.time() - started:.0f}s loss {average:.3f}', flush=True)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_SECONDS
    torch.manual_seed(1)
    torch.set_num_threads(2)
    corpus = [data.conversation() for _ in range(CONVERSATIONS)]
    tokenizer = train_tokenizer(corpus)
    vocabulary = tokenizer.get_vocab_size()
    print('vocabulary', vocabulary)
    encoded = [tokenizer.encode(text).ids for text in corpus]
    print('tokens', sum(map(len, encoded)), 'longest', max(map(len, encoded)))
    model = Model(vocabulary)
    print('parameters', sum(parameter.numel() for parameter in model.parameters()))
    step, average = train(model, encoded, vocabulary, tokenizer.token_to_id('<|pad|>'), seconds)
    torch.save(model.state_dict(), size.WEIGHTS_FILE)
    print('done', step, average)


if __name__ == '__main__':
    main()
