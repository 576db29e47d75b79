import { expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Fields } from './field.js';
import { withRules } from './field-rules.js';

const FIELDS = {
  audience: { name: 'audience', type: 'audience', default: [], meaning: 'APIs' },
} as const satisfies Fields;

class ClientRequest extends withRules(FIELDS) {}

const brokenRules = (audience: readonly string[]) =>
  validateSync(plainToInstance(ClientRequest, { audience }), { stopAtFirstError: true }).flatMap(
    ({ property, constraints = {} }) => [property, ...Object.keys(constraints)],
  );

it('counts the entries of an audience before it compares each with all others', () => {
  const uri = 'https://api.example.com/';
  expect(brokenRules([uri, uri])).toEqual(['audience', 'arrayUnique']);
  expect(brokenRules(Array<string>(201).fill(uri))).toEqual(['audience', 'arrayMaxSize']);
});
