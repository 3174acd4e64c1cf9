import type { VerifyAnswer, VerifyWork } from '../domain/activityMessages';
import { long } from './activityProxies';

/** Compares one large table, or a batch of small ones, between source and target. */
export async function tableVerification(input: VerifyWork): Promise<VerifyAnswer> {
  const what = input.tables.length === 1 ? input.tables[0] : `${input.tables.length} tables`;
  if (input.isWritten) {
    return long.verifyLiveTables.executeWithOptions({ summary: `Compare ${what} while it is written to` }, [input]);
  }
  return long.verifyTables.executeWithOptions({ summary: `Compare ${what} (${input.verify.mode})` }, [input]);
}
