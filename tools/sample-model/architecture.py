"""Sizes and special tokens of the sample model, shared by training and export."""

WIDTH = 128
LAYERS = 4
HEADS = 4
HIDDEN_WIDTH = 384
# Longest conversation in training, in tokens.
TRAINED_CONTEXT = 256
# What the file says: the positions beyond training are usable, though not good.
FILE_CONTEXT = 2048
VOCABULARY = 1024
NORM_EPSILON = 1e-5
ROPE_BASE = 10000.0
SPECIAL_TOKENS = ['<|bos|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>', '<|pad|>']

WEIGHTS_FILE = 'm.pt'
TOKENIZER_FILE = 'tok.json'
