import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledEntry } from '../../helpers/compiled';
import { query } from '../../helpers/databases';
import { AccountsStage } from '../../helpers/accountsStage';
import { FLAVOURS, until } from '../mysqlSource/stage';

/** So many accounts that a freeze, or its undo, can be met amid them. */
const ACCOUNTS = 150;

/** Runs in a process of its own, as a worker's activity does. */
const PROGRAM = `
  const [connection, engine, url, work, found] = process.argv.slice(1);
  const { parseDatabaseUrl } = require(connection);
  const { mysqlEngine } = require(engine);
  mysqlEngine.openSource(parseDatabaseUrl('source', url))
    .then((source) => (work === 'freeze' ? source.freeze(5000, JSON.parse(found)) : source.unfreeze(JSON.parse(found))));`;

describe.each(FLAVOURS)('a freeze by accounts of %s', (flavour) => {
  let stage: AccountsStage;
  beforeAll(async () => {
    stage = await AccountsStage.open(flavour);
    for (let account = 0; account < ACCOUNTS; account += 1)
      await stage.run(
        'admin',
        `CREATE USER a${account} IDENTIFIED BY 'x'; GRANT INSERT, UPDATE ON shop.* TO a${account}`,
      );
  });
  afterEach(() => stage.closeSessions());
  afterAll(() => stage[Symbol.asyncDispose]());

  /** How many of the accounts have their right to write. */
  async function writers(): Promise<number> {
    const [row] = await query(
      stage.url('mover'),
      "SELECT count(*) AS n FROM mysql.db WHERE Db = 'shop' AND Insert_priv = 'Y' AND User LIKE 'a%' AND User <> 'app'",
    );
    return Number(row?.['n']);
  }

  /** Ends the process with SIGKILL once some accounts are done and others are not. */
  async function killedAmid(work: 'freeze' | 'unfreeze', found: object): Promise<void> {
    const files = await Promise.all(['domain/connectionUrl', 'engines/mysql/index'].map(compiledEntry));
    const child = spawn(process.execPath, ['-e', PROGRAM, ...files, stage.url('mover'), work, JSON.stringify(found)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      await until(async () => {
        const left = await writers();
        return left > 5 && left < ACCOUNTS - 5;
      });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    const left = await writers();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(ACCOUNTS);
  }

  test('that is killed amid its accounts is finished, or undone, by whoever comes next; an undo that is killed, too', async () => {
    const before = await stage.accounts();
    const found = await (await stage.source()).freezeSettings('accounts');
    await killedAmid('freeze', found);
    await (await stage.source()).unfreeze(found);
    expect(await stage.accounts()).toEqual(before);

    await killedAmid('freeze', found);
    const source = await stage.source();
    const state = await source.freeze(5000, found);
    expect(await writers()).toBe(0);
    await source.checkFrozen(state);

    await killedAmid('unfreeze', found);
    await (await stage.source()).unfreeze(found);
    expect(await stage.accounts()).toEqual(before);
  });

  test('is not taken again by an attempt that hung, once it was undone', async () => {
    const before = await stage.accounts();
    const source = await stage.source();
    const found = await source.freezeSettings('accounts');
    // A hung attempt: it holds the right to change accounts, and has not gone on.
    const [row] = await query(stage.url('mover'), "SELECT SHA2('shop', 256) AS hash");
    const name = `temporal-migrate ${String(row?.['hash']).slice(0, 32)}`;
    const hung = await stage.session('mover');
    await hung.query('SELECT GET_LOCK(?, 0)', [name]);
    await source.unfreeze(found);
    await expect(hung.query("REVOKE INSERT ON shop.* FROM 'a1'@'%'")).rejects.toThrow();
    expect(await stage.accounts()).toEqual(before);
  });
});
