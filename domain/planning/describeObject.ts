import type { ForeignKey, Index } from '../catalog';

/** What the primary key's index is called, which no other index can be. */
export const PRIMARY = 'PRIMARY';

/** An index as its source would declare it, in short. */
export function describeIndex(index: Index): string {
  const kind = { plain: '', fulltext: 'FULLTEXT ', spatial: 'SPATIAL ', multiValued: 'multi-valued ' }[index.kind];
  const parts = index.parts.map(({ column, expression, prefix, descending }) => {
    const what = column ?? `(${expression ?? ''})`;
    return what + (prefix === null ? '' : `(${prefix})`) + (descending ? ' DESC' : '');
  });
  const what = index.name === PRIMARY ? 'PRIMARY KEY' : `${index.unique ? 'UNIQUE ' : ''}${kind}INDEX`;
  return `${what} (${parts.join(', ')})${index.visible ? '' : ' INVISIBLE'}`;
}

/** A foreign key as its source would declare it. */
export function describeForeignKey(foreignKey: ForeignKey): string {
  const schema = foreignKey.referencedSchema === null ? '' : `${foreignKey.referencedSchema}.`;
  const actions = [
    foreignKey.onDelete === 'NO ACTION' ? '' : ` ON DELETE ${foreignKey.onDelete}`,
    foreignKey.onUpdate === 'NO ACTION' ? '' : ` ON UPDATE ${foreignKey.onUpdate}`,
  ];
  return (
    `FOREIGN KEY (${foreignKey.columns.join(', ')}) ` +
    `REFERENCES ${schema}${foreignKey.referencedTable} (${foreignKey.referencedColumns.join(', ')})${actions.join('')}`
  );
}
