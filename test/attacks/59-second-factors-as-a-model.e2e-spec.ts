import { describeModel } from '../support/second-factor-model/describe-model.js';

describeModel({ sqlite: 150, postgres: 60 }, null);
