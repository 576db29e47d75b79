import { describe, expect, it } from '@jest/globals';
import { CliCommand } from './cli-command.js';
import { addFieldOptions, givenFields, type Field } from './fields.js';

const FIELDS: Field[] = [
  { name: 'client_name', kind: 'text', help: '' },
  { name: 'client_type', kind: 'text', help: '', choices: ['confidential', 'public'] },
  { name: 'grant_types', kind: 'list', help: '' },
  { name: 'access_token_ttl', kind: 'number', help: '' },
  { name: 'may_introspect', kind: 'boolean', help: '' },
];

function given(...arguments_: string[]): Record<string, unknown> {
  const command = addFieldOptions(
    new CliCommand().exitOverride().configureOutput({ writeErr: () => undefined }),
    FIELDS,
  );
  command.parse(arguments_, { from: 'user' });
  return givenFields(command.opts(), FIELDS);
}

describe('fields as options', () => {
  it('are members by their names on the wire, of the right types', () => {
    const arguments_ = ['--client-name', 'A shop', '--grant-types', 'password, refresh_token'];
    expect(given(...arguments_, '--access-token-ttl', '60', '--may-introspect', 'true')).toEqual({
      client_name: 'A shop',
      grant_types: ['password', 'refresh_token'],
      access_token_ttl: 60,
      may_introspect: true,
    });
  });

  it('are left out where they are not given, and null where they are taken away', () => {
    expect(given()).toEqual({});
    expect(given('--access-token-ttl', 'none')).toEqual({ access_token_ttl: null });
  });

  it.each([
    ['--access-token-ttl', '1.5'],
    ['--access-token-ttl', '-1'],
    ['--access-token-ttl', ''],
    ['--may-introspect', 'yes'],
    ['--client-type', 'secret'],
  ])('refuse %s %j', (option, value) => {
    expect(() => given(option, value)).toThrow(/invalid/);
  });
});
