import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../cli-error.js';
import { explainRefusal, unreachable } from './http.js';

describe('explainRefusal', () => {
  it('names every wrong field', () => {
    const error = explainRefusal(400, {
      title: 'Bad Request',
      detail: 'The request is malformed',
      errors: [
        { field: 'client_id', problem: 'is required' },
        { field: 'audience[0]', problem: 'must be a URI' },
      ],
    });
    expect(error.message).toBe(
      'The server refused: The request is malformed\n  client_id: is required\n  audience[0]: must be a URI',
    );
    expect(error.status).toBe(EXIT.failed);
  });

  it.each([
    [401, EXIT.unauthorized],
    [403, EXIT.unauthorized],
    [404, EXIT.failed],
    [412, EXIT.failed],
    [500, EXIT.failed],
    [503, EXIT.unreachable],
  ])('ends with a status for scripts: %i with %i', (status, exit) => {
    expect(explainRefusal(status, null).status).toBe(exit);
  });

  it('reads errors of the token endpoint too, and makes do with nothing', () => {
    const refusal = { error: 'invalid_client', error_description: 'Client authentication failed' };
    expect(explainRefusal(401, refusal).message).toBe('The server refused: Client authentication failed');
    expect(explainRefusal(502, 'nonsense').message).toBe('The server refused: it answered 502');
  });

  it('does not let what the server says command a terminal', () => {
    expect(explainRefusal(400, { detail: '\u001b[2J' }).message).not.toContain('\u001b');
  });
});

describe('unreachable', () => {
  it('tells the reason behind what fetch says', () => {
    const error = unreachable(
      'https://id.example.com',
      new TypeError('fetch failed', { cause: new Error('ENOTFOUND') }),
    );
    expect(error.message).toBe('https://id.example.com cannot be reached: ENOTFOUND');
    expect(error.status).toBe(EXIT.unreachable);
  });
});
