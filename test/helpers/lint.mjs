/**
 * Lints texts as if they were files of the project, by the project's own rules but for those that need types. A process
 * of its own, for ESLint loads its configuration in a way that tests cannot: takes [{ path, text }] on standard input
 * and prints, for each, the list of the rules that it breaks.
 */
import { readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const overrideConfig = { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked };
const eslint = new ESLint({ overrideConfig });
const results = [];
for (const { path, text } of JSON.parse(readFileSync(0, 'utf8'))) {
  const [result] = await eslint.lintText(text, { filePath: path });
  results.push(result.messages.map(({ ruleId, message }) => ruleId ?? message));
}
process.stdout.write(JSON.stringify(results));
