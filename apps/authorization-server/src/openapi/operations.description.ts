import {
  INTEGER,
  listOf,
  nullable,
  objectSchema,
  pageOf,
  schemaNamed,
  TEXT,
  TIMESTAMP,
  type ApiDescription,
} from '@latchkey/platform/openapi';
import { AuditEventListRequest } from '../admin/audit-events/audit-event.requests.js';
import { RevokeKeysRequest, RotateKeyRequest } from '../admin/keys/data-key.requests.js';
import { AUDIT_KINDS, AUDIT_OUTCOMES } from '../audit/audit-event.js';
import { ROTATING_PURPOSES } from '../data-keys/data-key.js';
import { administration } from './administration.js';
import { requests } from './requests.js';

/** Data keys and the audit trail. */
export const operationsDescription: ApiDescription = {
  operations: {
    'GET /admin/keys': administration('keys', {
      id: 'listDataKeys',
      summary: 'Lists the data keys, but not what they are',
      reads: true,
      answers: { 200: objectSchema({ data: listOf(schemaNamed('DataKey')) }) },
    }),
    'POST /admin/keys/rotate': administration('keys', {
      id: 'rotateDataKey',
      summary: 'Puts the next key of a kind to use; what the key so far has made stays good',
      body: requests.of(RotateKeyRequest),
      example: { purpose: ROTATING_PURPOSES[0] },
      answers: { 204: null },
      refusals: { 409: 'Not every replica knows the next key yet' },
    }),
    'POST /admin/keys/revoke': administration('keys', {
      id: 'revokeDataKeys',
      summary: 'Refuses at once whatever any key so far has made',
      body: requests.of(RevokeKeysRequest),
      example: { purposes: [...ROTATING_PURPOSES] },
      answers: { 204: null },
    }),
    'GET /admin/audit-events': administration('audit', {
      id: 'listAuditEvents',
      summary: 'Lists what happened, newest first',
      reads: true,
      query: requests.of(AuditEventListRequest),
      answers: { 200: pageOf(schemaNamed('AuditEvent')) },
    }),
  },
  schemas: {
    DataKey: objectSchema({
      kid: TEXT,
      purpose: TEXT,
      alg: nullable(TEXT),
      state: TEXT,
      created_at: TIMESTAMP,
    }),
    AuditEvent: objectSchema({
      id: TEXT,
      occurred_at: TIMESTAMP,
      kind: { enum: AUDIT_KINDS },
      outcome: { enum: AUDIT_OUTCOMES },
      actor: nullable(TEXT),
      client_id: nullable(TEXT),
      subject: nullable(TEXT),
      sid: nullable(TEXT),
      address: nullable(TEXT),
      request_id: nullable(TEXT),
      detail: nullable({ type: 'object' }),
      count: INTEGER,
    }),
  },
};
