import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, Matches, Max, ValidateNested } from 'class-validator';
import { IsText } from '../http/validation.js';
import { mergePatchSchema, RequestSchemas } from './request-schema.js';

class Entry {
  @IsText({ min: 1, max: 9 })
  name!: string;
}

class Whole {
  @IsIn(['a', 'b'])
  kind!: string;

  @IsInt()
  @Max(10)
  limit = 5;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Entry)
  entries?: Entry[];

  @IsOptional()
  @IsArray()
  @IsIn(['x'], { each: true })
  names?: string[];
}

const ENTRY = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1, maxLength: 9 } },
  required: ['name'],
};

describe('RequestSchemas', () => {
  it('says what the rules of a class say', () => {
    expect(new RequestSchemas(false).of(Whole)).toEqual({
      type: 'object',
      properties: {
        kind: { enum: ['a', 'b'] },
        limit: { default: 5, type: 'integer', maximum: 10 },
        entries: { type: 'array', items: ENTRY },
        names: { type: 'array', items: { enum: ['x'] } },
      },
      required: ['kind'],
    });
  });

  it('says that unknown members are refused, where they are', () => {
    expect(new RequestSchemas(true).of(Entry)).toEqual({ ...ENTRY, additionalProperties: false });
  });

  it('knows the rules that it is told of, and no others', () => {
    class Odd {
      @Matches(/x/)
      value!: string;
    }
    expect(() => new RequestSchemas(true).of(Odd)).toThrow('The rule matches has no schema');
    const { properties } = new RequestSchemas(true, { matches: () => ({ pattern: 'x' }) }).of(Odd);
    expect(properties).toEqual({ value: { pattern: 'x' } });
  });

  it('makes patches, which take members away with null', () => {
    const patch = mergePatchSchema({ ...ENTRY });
    expect(patch).toEqual({
      type: 'object',
      properties: { name: { anyOf: [ENTRY.properties.name, { type: 'null' }] } },
      required: [],
    });
  });
});
