import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetDdl } from '../../domain/plan';
import { translateTable } from '../../engines/postgres/translate';
import { plan } from '../helpers/catalogs';
import { everyTypeCatalog, everyTypeFacts } from '../helpers/everyType';

const MAPPING = { zeroDates: 'null', orphans: 'notValid' } as const;

function translateAll(majorVersion: number) {
  return plan(everyTypeCatalog, everyTypeFacts, MAPPING).tables.map((table) => translateTable(table, majorVersion));
}

function written({ create, build, foreignKeys }: TargetDdl): string {
  return [...create, ...build, ...foreignKeys].map(({ kind, name, sql }) => `-- ${kind} ${name}\n${sql};\n`).join('');
}

function writtenFor(majorVersion: number): string {
  return translateAll(majorVersion)
    .map(({ ddl }) => written(ddl))
    .join('\n');
}

describe('the SQL of a schema with every type', () => {
  it('is what test/golden/ddlEveryType.sql has', () => {
    const expected = readFileSync(join(__dirname, 'ddlEveryType.sql'), 'utf8');
    expect(writtenFor(18)).toBe(expected);
  });

  it('differs before PostgreSQL 15 only by what that version brought', () => {
    expect(writtenFor(14)).toBe(writtenFor(15).replace('UNIQUE NULLS NOT DISTINCT', 'UNIQUE'));
    expect(writtenFor(15)).toBe(writtenFor(18));
  });

  it('leaves out what PostgreSQL cannot say, and says so', () => {
    expect(translateAll(18).flatMap(({ findings }) => findings)).toEqual([
      {
        code: 'DEFAULT_DROPPED',
        severity: 'warning',
        object: 'EveryType.day',
        source: "default '0000-00-00'",
        target: 'no default',
        reason: 'a zero or partial date is no date on the target',
      },
    ]);
  });
});
