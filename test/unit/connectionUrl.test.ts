import { parseDatabaseUrl } from '../../domain/connectionUrl';
import { MigrationError } from '../../domain/errors';
import { readEnvironment } from '../../activities/environment';

test('every part of a URL is percent-decoded', () => {
  expect(
    parseDatabaseUrl('shop', 'mysql://us%40er:p%3A%2F%23w@db.example:3307/sh%2Fop?ssl=verify-full&sslca=/etc/ca.pem'),
  ).toEqual({
    name: 'shop',
    engine: 'mysql',
    host: 'db.example',
    port: 3307,
    user: 'us@er',
    password: 'p:/#w',
    database: 'sh/op',
    tls: { mode: 'verify-full', ca: '/etc/ca.pem' },
  });
});

test.each([
  ['postgresql://u:p@h/d', 'postgres', 5432],
  ['postgres://u:p@h/d', 'postgres', 5432],
  ['mariadb://u:p@[::1]/d', 'mariadb', 3306],
])('%s is %s at port %d, and prefers TLS', (url, engine, port) => {
  expect(parseDatabaseUrl('x', url)).toMatchObject({ engine, port, tls: { mode: 'prefer', ca: null } });
});

test.each([
  ['no url', /is not a URL/],
  ['redis://u:hunter2@h/d', /scheme "redis:"/],
  ['mysql://u:hunter2@h', /names no database/],
  ['mysql://h/d', /names no user/],
  ['mysql://u:hunter2@h/d?tls=1', /parameter "tls"/],
  ['mysql://u:hunter2@h/d?ssl=yes', /another ssl mode/],
  ['mysql://u:%zz@h/d', /password that is not percent-encoded/],
])('an unusable URL names its variable and repeats nothing of it: %s', (url, message) => {
  const read = (): unknown => parseDatabaseUrl('my-shop', url);
  expect(read).toThrow(message);
  expect(read).toThrow(/MIGRATION_CONNECTION_MY_SHOP/);
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(MigrationError);
    expect(String(error)).not.toContain('hunter2');
  }
});

test('an unknown connection is answered with the variable to set', () => {
  expect(() => readEnvironment({}).connection('shop')).toThrow(
    /set MIGRATION_CONNECTION_SHOP, or MIGRATION_CONNECTION_SHOP_FILE/,
  );
});

test('a variable set to nothing is none, and one beside a file is refused', () => {
  const file = require.resolve('../../package.json');
  const read = (env: Record<string, string>) => () => readEnvironment(env).connection('shop');
  const variable = 'MIGRATION_CONNECTION_SHOP';
  expect(read({ [variable]: '' })).toThrow(/MIGRATION_CONNECTION_SHOP is empty/);
  expect(read({ [variable]: '', [`${variable}_FILE`]: file })).toThrow(/is not a URL/);
  expect(read({ [variable]: 'mysql://u@h/d', [`${variable}_FILE`]: '' })).not.toThrow();
  expect(read({ [variable]: 'mysql://u@h/d', [`${variable}_FILE`]: file })).toThrow(/both .* are set: unset one/);
});
