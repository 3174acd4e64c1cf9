import { MigrationError, type ErrorCode } from '../../../domain/errors';
import { serverError, statementError } from '../errors';

/** SQLSTATEs by what they mean for whoever reads the log. (PostgreSQL manual, appendix A) */
const BY_STATE: Readonly<Record<string, ErrorCode>> = {
  '42704': 'POSITION_LOST', // there is no such slot, or no such publication at that place of the log
  '55000': 'POSITION_LOST', // the slot was invalidated, or the server's wal_level has no logical changes
  '58P01': 'POSITION_LOST', // a file of the log is gone
  XX001: 'LOG_UNREADABLE', // damage
};

/** What a server says when it makes a slot or sends its log, as one of ours. */
export function walError(error: unknown, connection: string): MigrationError {
  const said = serverError(error);
  const code = BY_STATE[said?.code ?? ''];
  if (said === null || code === undefined) return statementError(error, connection);
  return new MigrationError(
    code,
    `connection "${connection}": the server does not send its log: ${said.message} (SQLSTATE ${said.code ?? ''})`,
    { cause: said },
  );
}
