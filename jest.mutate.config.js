// What Stryker runs for each mutant: the unit specs alone.
import config from './jest.config.js';

const [{ displayName, ...unit }] = config.projects;

export default { ...unit, testTimeout: config.testTimeout };
