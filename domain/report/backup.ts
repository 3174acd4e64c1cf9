import { byteSize, pointInTime } from '../format';
import type { Position } from '../position';
import { commands, quoted } from './commands';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

/** What was kept of both sides before anything was made: a backup of the target, and where the source's log stood. */
export function backup({ backup: kept, positions, source, target }: ReportData): Html {
  return html`<section id="backup">
    <h2>Backup and positions</h2>
    ${
      kept === null
        ? html`<p>No backup of <strong>${target}</strong> was made: it was empty, or the input asks for none.</p>`
        : html`<p>
              <strong>${target}</strong> as it was before the migration: <code>${kept.path}</code>,
              ${byteSize(kept.bytes)}, SHA-256 <code>${kept.sha256}</code>. It was restored into a scratch database:
              ${kept.tables} tables with ${kept.rows} rows are the same. To restore it into a new, empty database (<code
                >CREATE DATABASE restored TEMPLATE template0</code
              >):
            </p>
            ${commands(`sha256sum --check ${quoted(`${kept.path}.sha256`)}`, restoreCommand(kept.path))} `
    }
    ${
      positions.length === 0
        ? null
        : html`<p>The log of <strong>${source}</strong> stood here:</p>
            <ul>
              ${positions.map(
                ({ moment, position, at }) =>
                  html`<li>at the ${moment}, ${pointInTime(at)}: <code>${positionText(position)}</code></li>`,
              )}
            </ul>`
    }
  </section> `;
}

/** Into a new database: in place pg_restore cannot drop what hangs together, such as the keys of partitions. */
export function restoreCommand(path: string): string {
  return `pg_restore --single-transaction --dbname="$RESTORED_URL" ${quoted(path)}`;
}

function positionText(position: Position): string {
  switch (position.kind) {
    case 'mysqlGtid':
    case 'mariadbGtid':
      return `GTID ${position.set}`;
    case 'binlogFile':
      return `${position.file}:${position.offset}`;
    case 'lsn':
      return position.lsn;
    case 'none':
      return 'no log';
  }
}
