import type { ShopCounts } from './counts';
import { moment, sometimes, uuid } from './expressions';
import { isAtLeast, type ServerFlavour } from './flavour';
import { anyOf, customerKey } from './keys';
import { column, type ShopTable } from './table';

/** The one table whose types depend on the server: MariaDB has types for UUIDs and network addresses, MySQL has none. */
export function sessionsTable(counts: ShopCounts, options: string, { flavour, version }: ServerFlavour): ShopTable {
  const has = (since: string) => flavour === 'mariadb' && isAtLeast(version, since);
  const gateway = "CONCAT('192.0.2.', n MOD 256)";
  const client = "CONCAT('2001:db8::', LOWER(HEX(n MOD 65536)), ':1')";
  return {
    name: 'sessions',
    rows: counts.sessions,
    columns: [
      column('id', has('10.7') ? 'uuid NOT NULL' : 'char(36) CHARACTER SET ascii NOT NULL', uuid('session')),
      column('customer_id', 'int unsigned NOT NULL', customerKey(anyOf(counts.customers))),
      has('10.10')
        ? column('gateway', 'inet4', sometimes('gateway', 80, gateway))
        : column('gateway', 'int unsigned', sometimes('gateway', 80, `INET_ATON(${gateway})`)),
      has('10.5')
        ? column('client', 'inet6', sometimes('client', 80, client))
        : column('client', 'varbinary(16)', sometimes('client', 80, `INET6_ATON(${client})`)),
      column('started_at', 'timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP', moment('started')),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD CONSTRAINT `sessions_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}
