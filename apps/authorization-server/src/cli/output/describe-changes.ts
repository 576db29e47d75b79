import type { FieldChange, FieldValue } from '../../audit/field-changes.js';
import type { EntryChange, EntryKind } from '../../provisioning/configuration-change.js';
import type { Terminal } from '../terminal.js';
import { visible } from './visible.js';

const MARKS: Record<EntryChange['action'], string> = {
  create: '+',
  update: '~',
  delete: '-',
  keep: '!',
  unchanged: '=',
};

const HEADINGS: readonly (readonly [EntryKind, string])[] = [
  ['scope', 'Scopes'],
  ['group', 'Groups'],
  ['client', 'Clients'],
  ['user', 'Users'],
];

/**
 * Shows the outcome of each entry.
 *
 * @param changes `null`: the file is the one that was applied last
 * @param isDone whether the changes were applied; false for a dry run
 */
export async function showChanges(
  changes: readonly EntryChange[] | null,
  isDone: boolean,
  { json = false, showUnchanged = false }: { json?: boolean; showUnchanged?: boolean },
  terminal: Terminal,
): Promise<void> {
  if (json) {
    const applied = isDone && changes !== null;
    return terminal.printJson({ applied, already_applied: changes === null, changes: changes ?? [] });
  }
  if (changes !== null) return terminal.print(...describeChanges(changes, { isDone, showUnchanged }));
  await terminal.print('This file is the one that was applied last; there is nothing to do.');
  terminal.note('To undo what was changed since, add --again.');
}

/** Describes changes for people: one line per entry, and one for each changed key. */
export function describeChanges(
  changes: readonly EntryChange[],
  { isDone, showUnchanged }: { isDone: boolean; showUnchanged: boolean },
): string[] {
  const shown = changes.filter(
    ({ action, note }) => action !== 'unchanged' || note !== null || showUnchanged,
  );
  const lists = HEADINGS.flatMap(([kind, heading]) => {
    const lines = shown.filter((change) => change.kind === kind).flatMap(describeEntry);
    return lines.length === 0 ? [] : [heading, ...lines, ''];
  });
  return [...lists, summary(changes, isDone)];
}

function describeEntry({ action, name, fields, note, warning }: EntryChange): string[] {
  return [
    `  ${MARKS[action]} ${visible(name)}`,
    ...fields.map((field) => `      ${describeField(field, action === 'create')}`),
    ...(note === null ? [] : [`      left as it is: ${visible(note)}`]),
    ...(warning === undefined ? [] : [`      warning: ${visible(warning)}`]),
  ];
}

function describeField(change: FieldChange, isNew: boolean): string {
  if ('secret' in change) return `${change.field}: ${isNew ? '(set)' : '(changed)'}`;
  const { field, from, to } = change;
  return isNew ? `${field}: ${show(to)}` : `${field}: ${show(from)} -> ${show(to)}`;
}

function show(value: FieldValue): string {
  if (value === null) return '(none)';
  if (typeof value === 'string') return visible(value === '' ? '""' : value);
  if (typeof value === 'object') return `[${value.map(visible).join(', ')}]`;
  return String(value);
}

function summary(changes: readonly EntryChange[], isDone: boolean): string {
  const count = (...actions: EntryChange['action'][]) =>
    changes.filter(({ action }) => actions.includes(action)).length;
  const [created, updated, deleted] = isDone
    ? ['created', 'updated', 'deleted']
    : ['to create', 'to update', 'to delete'];
  return [
    `${count('create')} ${created}`,
    `${count('update')} ${updated}`,
    `${count('delete')} ${deleted}`,
    `${count('unchanged', 'keep')} unchanged`,
  ].join(', ');
}
