import { GridError } from '../../protocol/errors.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What may stand where a schema says nothing. Grammars need a shape, so each of them is named. */
const ANYTHING: Schema = {
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'null' },
    { type: 'object', additionalProperties: true },
    { type: 'array' },
  ],
};
const PLAIN_TYPES = ['string', 'number', 'integer', 'boolean', 'null'];
const GRAMMAR_FORMATS = ['date-time', 'time', 'date'];
/** Deeper ones are mistakes or attacks. */
const MAX_DEPTH = 64;

/**
 * A JSON Schema as node-llama-cpp's grammars know it, which is less than the whole language: structure, types, constants, lengths
 * and counts hold; optional members are always written; patterns and limits of numbers are not held.
 * @throws GridError engine_refused for what would let through answers of another shape ('not', 'allOf' of several, …)
 */
export function toGrammarSchema(schema: unknown): Schema {
  const root = schemaOf(schema);
  const definitions = { ...asObject(root['definitions']), ...asObject(root['$defs']) };
  const names = Object.keys(definitions);
  const converted = convert(root, 0);
  if (names.length === 0) return converted;
  return { ...converted, $defs: Object.fromEntries(names.map((name) => [name, convert(definitions[name], 0)])) };
}

function convert(input: unknown, depth: number): Schema {
  if (depth > MAX_DEPTH) throw refused('it is nested too deeply');
  if (input === true || input === undefined) return ANYTHING;
  const schema = schemaOf(input);
  const below = (part: unknown) => convert(part, depth + 1);
  for (const word of ['not', 'if', 'patternProperties', 'dependentSchemas'])
    if (schema[word] !== undefined) throw refused(`'${word}' cannot be held by a grammar`);
  const description = typeof schema['description'] === 'string' ? { description: schema['description'] } : {};
  if (schema['$ref'] !== undefined) return refOf(schema['$ref']);
  const all = schema['allOf'];
  if (Array.isArray(all)) {
    if (all.length !== 1) throw refused("'allOf' of several schemas cannot be held by a grammar");
    const { allOf: _, ...rest } = schema;
    return convert({ ...rest, ...schemaOf(all[0]) }, depth + 1);
  }
  const some = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(some)) return { ...description, oneOf: some.map(below) };
  if (schema['const'] !== undefined) return { ...description, const: plainValue(schema['const']) };
  if (Array.isArray(schema['enum'])) return { ...description, enum: schema['enum'].map(plainValue) };
  const types = typesOf(schema);
  if (types.length === 0) return ANYTHING;
  if (types.length > 1) {
    if (types.every((type) => PLAIN_TYPES.includes(type))) return { ...description, type: types };
    return { ...description, oneOf: types.map((type) => convert({ ...schema, type }, depth + 1)) };
  }
  return { ...description, ...typed(types[0] ?? '', schema, below) };
}

function typed(type: string, schema: Schema, below: (part: unknown) => Schema): Schema {
  if (type === 'object') return objectSchema(schema, below);
  if (type === 'array')
    return {
      type,
      items: below(schema['items'] ?? true),
      ...(Array.isArray(schema['prefixItems']) ? { prefixItems: schema['prefixItems'].map(below) } : {}),
      ...counts(schema, 'minItems', 'maxItems'),
    };
  if (type === 'string') {
    const format = schema['format'];
    if (typeof format === 'string' && GRAMMAR_FORMATS.includes(format)) return { type, format };
    return { type, ...counts(schema, 'minLength', 'maxLength') };
  }
  if (PLAIN_TYPES.includes(type)) return { type };
  throw refused(`the type '${type}' is not known`);
}

function objectSchema(schema: Schema, below: (part: unknown) => Schema): Schema {
  const properties = Object.entries(asObject(schema['properties']));
  const more = schema['additionalProperties'];
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(([name, part]) => [name, below(part)])),
    // Where members are named, nothing is gained by inventing more of them.
    additionalProperties: more === undefined || more === true ? properties.length === 0 : more && below(more),
    ...counts(schema, 'minProperties', 'maxProperties'),
  };
}

function typesOf(schema: Schema): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((name) => typeof name === 'string');
  if (schema['properties'] !== undefined) return ['object'];
  return schema['items'] !== undefined || schema['prefixItems'] !== undefined ? ['array'] : [];
}

function refOf(ref: unknown): Schema {
  const [, name] = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(String(ref)) ?? [];
  if (name === undefined) throw refused('only references into its own definitions can be followed');
  return { $ref: `#/$defs/${name}` };
}

function counts(schema: Schema, ...names: string[]): Schema {
  return Object.fromEntries(names.flatMap((name) => (Number.isInteger(schema[name]) ? [[name, schema[name]]] : [])));
}

function plainValue(value: unknown): unknown {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  throw refused('constants can be texts, numbers, true, false and null');
}

function schemaOf(input: unknown): Schema {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Schema;
  throw refused('it is not a schema');
}

function asObject(input: unknown): Schema {
  return input === undefined ? {} : schemaOf(input);
}

const refused = (reason: string) =>
  new GridError('engine_refused', `The built-in engine cannot hold an answer to this JSON schema: ${reason}.`);
