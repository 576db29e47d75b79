import { EnvironmentReader } from '@latchkey/platform/environment';

/** Reads an environment, and remembers what was asked of each variable. Nothing is wrong for it. */
export class RecordingReader extends EnvironmentReader {
  /** By name: what the code says about it. */
  settings = new Map();

  optional(name) {
    this.#record(name, 0, {});
    return super.optional(name);
  }

  string(name, fallback) {
    this.#record(name, 1, { fallback });
    return super.string(name, fallback);
  }

  required(name) {
    this.#record(name, 1, { required: true });
    return super.required(name);
  }

  integer(name, fallback, range) {
    this.#record(name, 2, { fallback, rule: `${range.min} to ${range.max}` });
    return super.integer(name, fallback, range);
  }

  boolean(name, fallback) {
    this.#record(name, 3, { fallback, rule: '`true` or `false`' });
    return super.boolean(name, fallback);
  }

  oneOf(name, allowed, fallback) {
    this.#record(name, 2, { fallback, rule: allowed.map((value) => `\`${value}\``).join(', ') });
    return super.oneOf(name, allowed, fallback);
  }

  visible(name) {
    this.#record(name, 2, { required: true, rule: 'printable ASCII without spaces' });
    return super.visible(name);
  }

  host(name, fallback) {
    this.#record(name, 2, { fallback, rule: 'an IP address or a host name' });
    return super.host(name, fallback);
  }

  url(name, fallback) {
    this.#record(name, 2, { fallback, required: fallback === null, rule: 'an http or https URL' });
    return super.url(name, fallback);
  }

  assertValid() {
    // Records are wanted of every branch, also of those that a real start would end in.
  }

  /** One method is made of others: what says most is kept. */
  #record(name, weight, setting) {
    if ((this.settings.get(name)?.weight ?? -1) < weight) this.settings.set(name, { ...setting, weight });
  }
}
