import type { ShopCounts } from './counts';
import { below, between, flag, moment, oneOf, preciseMoment, prose, sixteenBytes, sometimes } from './expressions';
import { anyOf, customerKey } from './keys';
import { column, type ShopTable } from './table';

function reviews({ reviews: rows, products: goods }: ShopCounts, options: string): ShopTable {
  return {
    name: 'reviews',
    rows,
    columns: [
      column('id', 'int NOT NULL AUTO_INCREMENT', 'n'),
      column('product_id', 'mediumint unsigned NOT NULL', anyOf(goods)),
      column('customer_id', 'int unsigned NOT NULL', customerKey('n')),
      column('rating', 'tinyint unsigned NOT NULL', '1 + n MOD 5'),
      column('rating_percent', 'smallint unsigned GENERATED ALWAYS AS (`rating` * 20) VIRTUAL', null),
      column(
        'title',
        'varchar(120) NOT NULL',
        oneOf('title', ['Great 👍', 'Meh', '¡Excelente!', '最高 👨‍👩‍👧', 'Ça va', '']),
      ),
      column('body', 'text NOT NULL', prose('body', 4)),
      column('helpful', "int NOT NULL DEFAULT '0'", between('helpful', -300, 300)),
      column('created_at', 'datetime NOT NULL', moment('review created')),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD UNIQUE INDEX `once` (`product_id`, `customer_id`)',
      'ADD INDEX `body` (`body`(40))',
      'ADD CONSTRAINT `reviews_product` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`) ON DELETE CASCADE',
      'ADD CONSTRAINT `reviews_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}

function carts({ carts: rows, customers: people }: ShopCounts, options: string): ShopTable {
  return {
    name: 'carts',
    rows,
    columns: [
      column('id', "binary(16) NOT NULL COMMENT 'A UUID, as bytes'", sixteenBytes('cart')),
      column('customer_id', 'int unsigned', sometimes('cart owner', 60, customerKey(anyOf(people)))),
      column(
        'content',
        'json NOT NULL',
        `CONCAT('[{"product":', n, ',"price":19.90,"gift":', IF(n MOD 2, 'true', 'null'), '}]')`,
      ),
      column('expires_at', 'datetime NOT NULL', moment('expires')),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD INDEX `expiry` (`expires_at`)',
      'ADD CONSTRAINT `carts_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE SET NULL',
    ],
    options,
  };
}

function events({ events: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'web_events',
    rows,
    columns: [
      column('id', 'binary(16) NOT NULL', sixteenBytes('event')),
      column('Kind', 'varchar(20) NOT NULL', oneOf('kind', ['view', 'click', 'search', 'Checkout'])),
      column(
        'payload',
        'json',
        sometimes(
          'payload',
          90,
          `CONCAT('{"path":"/p/', n, '","ms":', ${below('ms', 9000)} / 8, ',"tags":["a","ü","😀"],"deep":{"n":null,"big":-1234567890123456789}}')`,
        ),
      ),
      column('user_agent', 'varchar(200)', oneOf('agent', ['Mozilla/5.0 (X11; Linux x86_64)', 'curl/8.5', 'Böt/1.0'])),
      column('seen_at', 'timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)', preciseMoment('seen')),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: ['ADD INDEX `recent` (`seen_at` DESC, `Kind`)'],
    options,
  };
}

function auditLog({ auditEntries: rows }: ShopCounts, options: string): ShopTable {
  // Every tenth entry is there twice: a table without a key may hold exact duplicates.
  const entry = '(n - (n MOD 10 = 0))';
  return {
    name: 'audit_log',
    rows,
    columns: [
      column('logged_at', 'datetime(6) NOT NULL', `TIMESTAMPADD(SECOND, ${entry}, '2024-02-28 23:00:00.5')`),
      column('actor', 'varchar(40)', `IF(${entry} MOD 7, CONCAT('user', ${entry} MOD 30), NULL)`),
      column('table', 'varchar(64) NOT NULL', `ELT(1 + ${entry} MOD 3, 'orders', 'products', 'ProductMedia')`),
      column('detail', 'text', `IF(${entry} MOD 4, CONCAT('changed by hand: ', ${entry}, '\\tNULL \\\\N'), NULL)`),
      column(
        'amount',
        'decimal(65,30)',
        `CONCAT(${entry}, '00000000000000000000000.', LPAD(${entry}, 30, '123456789'))`,
      ),
      column('by_robot', 'tinyint(1) NOT NULL', `${entry} MOD 2`),
    ],
    constraints: [],
    afterwards: ['ADD INDEX `when` (`logged_at`)'],
    options: `${options} COMMENT='Has no key, and holds some rows twice'`,
  };
}

function exchangeRates({ exchangeRates: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'exchange_rates',
    rows,
    columns: [
      column('currency', 'char(3) CHARACTER SET ascii NOT NULL', "ELT(1 + n MOD 5, 'USD', 'JPY', 'GBP', 'NOK', 'CHF')"),
      column('day', 'date NOT NULL', "DATE_ADD('2022-01-01', INTERVAL n DIV 5 DAY)"),
      column('rate', 'decimal(65,30) NOT NULL', "CONCAT(n, '.', LPAD(n * 7, 30, '314159265358979323846264338327'))"),
      column('inverse', 'double NOT NULL', '1e0 / (n + 0.3e0)'),
    ],
    constraints: ['PRIMARY KEY (`currency`, `day`)'],
    afterwards: [],
    options,
  };
}

function counters(_counts: ShopCounts, options: string): ShopTable {
  return {
    name: 'counters',
    rows: 12,
    columns: [
      column('name', 'varchar(64) NOT NULL', "CONCAT('counter ', CHAR(76 - n USING utf8mb4))"),
      column('value', "bigint unsigned NOT NULL DEFAULT '0' COMMENT 'Goes up to 2^64-1'", '18446744073709551616 - n'),
      column('change', "bigint NOT NULL DEFAULT '0'", 'IF(n MOD 2, -9223372036854775808, 9223372036854775807)'),
      column('frozen', 'tinyint(1) NOT NULL', flag('frozen', 50)),
      column('read_at', 'timestamp(0) NULL', moment('read')),
    ],
    // A unique key on a column that is never NULL serves as the key.
    constraints: ['UNIQUE KEY `counter` (`name`)'],
    afterwards: [],
    options,
  };
}

export function activityTables(counts: ShopCounts, options: string): ShopTable[] {
  return [reviews, carts, events, auditLog, exchangeRates, counters].map((table) => table(counts, options));
}
