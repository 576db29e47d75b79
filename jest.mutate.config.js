// What Stryker runs for each mutant: the unit specs alone.
import config from './jest.config.js';

const [{ displayName, ...unit }] = config.projects;

// A spec takes milliseconds. Where it waits for what a mutant no longer does, it must not wait for half a minute.
export default { ...unit, testTimeout: 5000 };
