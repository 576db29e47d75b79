import { InvalidArgumentError } from 'commander';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const FORMS =
  'a time such as 2027-01-31T12:00:00Z, a date such as 2027-01-31, or a duration such as 30m, 1h or 7d';

const DATE_AND_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * Parses a time as people write it. A date is its beginning. Times are UTC unless they have an offset, like all times
 * that are shown.
 *
 * @param durations whether `1h` is an hour ago or in an hour
 * @returns in the form of RFC 3339
 * @throws InvalidArgumentError
 */
export function readTime(text: string, durations: 'ago' | 'ahead'): string {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) {
    const duration = Number(amount) * UNITS[unit as keyof typeof UNITS];
    return new Date(Date.now() + (durations === 'ago' ? -duration : duration)).toISOString();
  }
  const [, date, time = '00:00', offset = 'Z'] = DATE_AND_TIME.exec(text) ?? [];
  const value =
    date !== undefined && isDate(date) ? Date.parse(`${date}T${time}${offset.toUpperCase()}`) : NaN;
  if (Number.isNaN(value)) throw new InvalidArgumentError(`Give ${FORMS}.`);
  return new Date(value).toISOString();
}

/** For `Option.argParser`: `1h` is an hour ago. */
export const pastTime = (text: string): string => readTime(text, 'ago');

/** For `Option.argParser`: `1h` is in an hour. */
export const futureTime = (text: string): string => readTime(text, 'ahead');

/** JavaScript parses 30 February as 2 March. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(text);
}
