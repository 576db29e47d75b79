import { isEmail, ValidateBy } from 'class-validator';

/** RFC 5321 section 4.5.3.1.3: the 256 octets of a path include its brackets. */
const MAX_LENGTH = 254;

/** Without spaces, control characters and characters for which a mail server would need an extension. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Whether a text is one e-mail address that can be used unchanged in a header and in an SMTP command: no display name,
 * no list, no quoted local part, no address literal.
 */
export function isEmailAddress(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_LENGTH &&
    VISIBLE_ASCII.test(text) &&
    isEmail(text, { allow_utf8_local_part: false, blacklisted_chars: '"' })
  );
}

/** Text that {@link isEmailAddress} accepts. */
export function IsEmailAddress(): PropertyDecorator {
  const rule = {
    name: 'isEmailAddress',
    validator: {
      validate: isEmailAddress,
      defaultMessage: () => 'must be one e-mail address in ASCII, such as erin@example.com',
    },
  };
  return ValidateBy(rule);
}
