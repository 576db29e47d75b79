import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { startValidating, type ValidatingApplication } from '../library/support/validating-application.js';

@Controller()
class NotesController {
  @Get('notes/:id')
  read() {
    return { notes: [] };
  }
}

/** What forges a line, moves the cursor, reverses text, or fills a disk, where a log repeats it as it came. */
const HOSTILE = `x"\nRefused with 401 at nowhere\r\u001b[2J\u0085\u202e\u2028${'y'.repeat(2000)}`;

describe('What an attacker writes into a token forges no log line (CVE-2023-6484), and none has a token', () => {
  let validating: ValidatingApplication;

  beforeAll(async () => {
    validating = await startValidating([NotesController]);
  });

  afterAll(() => validating.stop());

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the type, which anybody can write', {}, { typ: HOSTILE }],
    ['the issuer', { iss: HOSTILE }, {}],
    [
      'many audiences',
      { aud: Array.from({ length: 20 }, (_, index) => `${index}${HOSTILE.slice(0, 30)}`) },
      {},
    ],
  ])('in %s', async (_, claims, header) => {
    const { application, issuer } = validating;
    application.log.length = 0;
    const token = await issuer.sign(claims, { header });
    expect((await application.call('/notes/my-secret-note', token)).status).toBe(401);
    expect(application.log).toHaveLength(1);
    expect(application.log[0]).toMatch(/^[\x20-\x7e]{30,1500}$/);
    for (const part of [...token.split('.'), 'my-secret-note'])
      expect(application.log[0]).not.toContain(part);
  });
});
