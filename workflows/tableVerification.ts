import type { VerifyAnswer, VerifyWork } from '../domain/activityMessages';
import { long } from './activityProxies';

/** Compares one large table, or a batch of small ones, between source and target. */
export async function tableVerification(input: VerifyWork): Promise<VerifyAnswer> {
  const what = input.tables.length === 1 ? input.tables[0] : `${input.tables.length} tables`;
  return long.verifyTables.executeWithOptions({ summary: `Compare ${what} (${input.verify.mode})` }, [input]);
}
