export {
  applicationRoutes,
  Describe,
  DescribeAll,
  describedInput,
  type ApiPart,
  type DescribedBody,
  type Endpoint,
  type EndpointDescription,
} from './describe.js';
export * from './document.js';
export { RequestSchemas, type RuleSchemas } from './request-schema.js';
export * from './schema.js';
export * from './serve.js';
