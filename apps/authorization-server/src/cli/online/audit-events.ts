import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { AdminClient } from './admin-client.js';
import type { OnlineOptions } from './connection.js';
import { showList, type ListOptions } from './list.js';
import { Names } from './names.js';
import { plain, shortTime } from './show.js';

interface AuditEventBody {
  readonly occurred_at: string;
  readonly kind: string;
  readonly outcome: string;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly client_id: string | null;
  readonly address: string | null;
  readonly detail: unknown;
  readonly count: number;
}

const COLUMNS: readonly Column<AuditEventBody>[] = [
  { title: 'TIME', value: (event) => shortTime(event.occurred_at) },
  { title: 'KIND', value: ({ kind }) => kind },
  {
    title: 'OUTCOME',
    value: ({ outcome }) => outcome,
    tone: ({ outcome }) => (outcome === 'failure' ? 'bad' : null),
  },
  { title: 'ACTOR', value: ({ actor }) => plain(actor) },
  { title: 'SUBJECT', value: ({ subject }) => plain(subject) },
  { title: 'CLIENT ID', value: (event) => plain(event.client_id) },
  { title: 'ADDRESS', value: ({ address }) => plain(address) },
  { title: 'COUNT', value: ({ count }) => plain(count) },
  { title: 'DETAIL', value: ({ detail }) => plain(detail), isText: true },
];

export interface ListAuditEventsOptions extends OnlineOptions, ListOptions {
  readonly kind?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly since?: string;
  readonly until?: string;
}

export async function listAuditEvents(cli: Cli, options: ListAuditEventsOptions): Promise<void> {
  const { kind, outcome, actor, subject, client: clientId, since, until } = options;
  const client = AdminClient.connect(cli, options);
  const names = new Names(cli, client);
  const query = {
    kind,
    outcome,
    actor: actor && (await names.actor(actor)),
    subject: subject && (await names.sub(subject)),
    client_id: clientId && (await names.clientId(clientId)),
    since,
    until,
  };
  await showList(cli, client, 'audit', { path: 'audit-events', query }, COLUMNS, options);
}
