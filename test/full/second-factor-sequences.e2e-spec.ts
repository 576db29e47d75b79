import { describeModel } from '../support/second-factor-model/describe-model.js';

// The same few sequences each time; `test/attacks/59-second-factors-as-a-model` has many, and others each time.
describeModel({ sqlite: 12, postgres: 8 }, 1);
