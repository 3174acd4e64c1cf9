import type { FormerNames } from '../../domain/planning/planAlteration';
import type { PlannedColumn, PlannedTable, TablePlan } from '../../domain/plan';
import type { ChangeStatement, ProposedChange } from '../engine';
import { translateDefault } from './defaults';
import { columnLine, labelChecks, typeSteps, type LabelCheck } from './ddlTable';
import { quoteName, quoteQualified, quoteText } from './quote';
import { nativeType } from './types';

/** A column that the table had and has. */
interface Pair {
  readonly before: PlannedColumn;
  readonly after: PlannedColumn;
}

/**
 * What turns a table that holds rows into the one that is planned anew. `former` has the source's former column names, by
 * the present ones; `plan` is the new plan, translated. Pure.
 */
export function proposeStatements(before: PlannedTable, plan: TablePlan, former: FormerNames): ProposedChange {
  return new Proposal(before, plan, former).make();
}

class Proposal {
  private readonly statements: ChangeStatement[] = [];
  private readonly problems: string[] = [];
  private readonly notes: string[] = [];
  private readonly name: string;
  private readonly after: PlannedTable;

  constructor(
    private readonly before: PlannedTable,
    private readonly plan: TablePlan,
    private readonly former: FormerNames,
  ) {
    this.after = plan.table;
    this.name = quoteQualified(before.targetSchema, before.targetName);
  }

  make(): ProposedChange {
    const known = new Map(this.before.columns.map((column) => [column.source.name, column]));
    const earlier = (column: PlannedColumn): PlannedColumn | undefined =>
      known.get(this.former.get(column.source.name) ?? '');
    const pairs = this.after.columns.flatMap((after): Pair[] => {
      const before = earlier(after);
      return before === undefined ? [] : [{ before, after }];
    });
    const kept = new Set(pairs.map((pair) => pair.before));
    for (const column of this.before.columns.filter((each) => !kept.has(each))) this.drop(column);
    for (const pair of pairs) this.rename(pair);
    for (const pair of pairs) this.redeclare(pair);
    this.relabel(pairs);
    for (const column of this.after.columns.filter((each) => earlier(each) === undefined)) this.add(column);
    const { plan, statements, problems, notes } = this;
    return { plan, statements, problems, notes };
  }

  private drop({ targetName, type, typeName, source }: PlannedColumn): void {
    this.alter(`DROP COLUMN ${quoteName(targetName)}`);
    if (type.kind === 'enum' && typeName !== undefined) {
      const sql = `DROP TYPE ${quoteQualified(this.before.targetSchema, typeName)}`;
      this.statements.push({ sql, type: { name: typeName, is: 'removed' } });
    }
    this.notes.push(`The values of ${source.name} go on the target as they have gone on the source.`);
  }

  private rename({ before, after }: Pair): void {
    if (before.targetName === after.targetName) return;
    this.notes.push(`Who reads ${before.targetName} on the target must ask for ${after.targetName} from then on.`);
    this.alter(`RENAME COLUMN ${quoteName(before.targetName)} TO ${quoteName(after.targetName)}`);
  }

  private redeclare({ before, after }: Pair): void {
    const column = quoteName(after.targetName);
    if (!isOfOneKind(before, after)) {
      this.problems.push(`${after.source.name} would become a column of another kind on the target`);
      return;
    }
    this.addLabels(before, after);
    const native = nativeType(after, this.after.targetSchema);
    if (native !== nativeType(before, this.before.targetSchema)) {
      this.alter(`ALTER COLUMN ${column} TYPE ${native}`);
      this.notes.push(
        `Nobody can read or write the table while ${after.targetName} becomes ${native}, which may mean that all of its rows are written anew.`,
      );
    }
    const [was, is] = [translateDefault(before), translateDefault(after)];
    if (is.problem !== null && was.problem === null)
      this.problems.push(`the default of ${after.source.name}: ${is.problem.reason}`);
    if (was.sql !== is.sql)
      this.alter(`ALTER COLUMN ${column} ${is.sql === null ? 'DROP DEFAULT' : `SET DEFAULT ${is.sql}`}`);
    if (before.source.comment !== after.source.comment) this.comment(after);
  }

  /** Those that came behind the ones there were. */
  private addLabels({ type: before }: PlannedColumn, { type: after, typeName }: PlannedColumn): void {
    if (before.kind !== 'enum' || after.kind !== 'enum' || typeName === undefined) return;
    const known = new Set(before.labels);
    const type = quoteQualified(this.after.targetSchema, typeName);
    for (const label of new Set(after.labels.filter((each) => !known.has(each)))) {
      this.statements.push({ sql: `ALTER TYPE ${type} ADD VALUE ${quoteText(label)}` });
    }
  }

  /** Checks of labels have the columns' names in theirs. */
  private relabel(pairs: readonly Pair[]): void {
    const [before, after] = [byColumn(labelChecks(this.before)), byColumn(labelChecks(this.after))];
    for (const pair of pairs) {
      const [was, is] = [before.get(pair.before), after.get(pair.after)];
      if (was === undefined || is === undefined) continue;
      const renamedTo = { ...pair.before, targetName: pair.after.targetName };
      const isSame = JSON.stringify(labelsOf(renamedTo)) === JSON.stringify(labelsOf(pair.after));
      if (!isSame) {
        this.alter(`DROP CONSTRAINT ${quoteName(was.name)}`);
        this.alter(`ADD CONSTRAINT ${quoteName(is.name)} CHECK (${is.condition})`);
      } else if (was.name !== is.name) {
        this.alter(`RENAME CONSTRAINT ${quoteName(was.name)} TO ${quoteName(is.name)}`);
      }
    }
  }

  private add(column: PlannedColumn): void {
    const { source, type } = column;
    if (type.kind === 'unsupported') {
      this.problems.push(`${source.name}: ${type.reason}`);
      return;
    }
    const { problem } = translateDefault(column);
    if (problem !== null) this.problems.push(`the default of ${source.name}: ${problem.reason}`);
    if (source.default?.kind === 'now' || source.default?.kind === 'expression' || source.identity !== null) {
      this.problems.push(`only the source knows what the rows that are there have in ${source.name}`);
    }
    for (const { name, sql } of typeSteps({ columns: [column], targetSchema: this.after.targetSchema })) {
      this.statements.push({ sql, type: { name, is: 'made' } });
    }
    const check = labelChecks(this.after).find((each) => each.column === column);
    const line = columnLine(this.after, column, []);
    this.alter(
      `ADD COLUMN ${line}${check === undefined ? '' : ` CONSTRAINT ${quoteName(check.name)} CHECK (${check.condition})`}`,
    );
    if (source.comment !== '') this.comment(column);
    const held = source.default === null || source.default.kind === 'expression' ? 'NULL' : 'the default';
    this.notes.push(`The rows that are there have ${held} in ${column.targetName}, as they have on the source.`);
  }

  private comment({ targetName, source }: PlannedColumn): void {
    const text = source.comment === '' ? 'NULL' : quoteText(source.comment);
    this.statements.push({ sql: `COMMENT ON COLUMN ${this.name}.${quoteName(targetName)} IS ${text}` });
  }

  private alter(action: string): void {
    this.statements.push({ sql: `ALTER TABLE ${this.name} ${action}` });
  }
}

/** A whole number may become a decimal without digits behind the point, which holds larger ones. */
function isOfOneKind(before: PlannedColumn, after: PlannedColumn): boolean {
  if (before.mappedType !== after.mappedType) return false;
  const isWhole = before.type.kind === 'integer' && after.type.kind === 'decimal' && after.type.scale === 0;
  return before.type.kind === after.type.kind || isWhole;
}

function byColumn(checks: readonly LabelCheck[]): Map<PlannedColumn, LabelCheck> {
  return new Map(checks.map((check) => [check.column, check]));
}

function labelsOf({ type, source }: PlannedColumn): readonly string[] {
  if (type.kind === 'set') return type.labels;
  return source.type.kind === 'enum' ? source.type.labels : [];
}
