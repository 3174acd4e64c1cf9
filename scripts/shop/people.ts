import type { ShopCounts } from './counts';
import { addressKey, customerKey } from './keys';
import { amount, below, between, day, flag, moment, oneOf, preciseMoment, quote, sometimes } from './expressions';
import { column, type ShopTable } from './table';

const FIRST_NAMES = [
  'Ann',
  'Björn',
  'Chloé',
  'Đorđe',
  'Eve',
  'Ferenc',
  'Gül',
  'Hanna',
  'Ivan',
  '健',
  'Łucja',
  'Miloš',
  "O'Ryan",
];
const LAST_NAMES = [
  'Smith',
  'Müller',
  'García',
  'Ångström',
  'Novák',
  '田中',
  'van der Berg',
  "D'Arcy",
  'Иванова',
  'Öztürk',
  'Wu',
];
const CITIES = ['Köln', 'Paris', 'Oslo', 'São Paulo', '東京', 'Kraków', "L'Aquila", 'Zürich', 'Cork', 'Brno', '広島'];
const NOTES = ['Prefers the café – back door', 'Pays in € only', 'Señor, not “Mr”', 'naïve; call first…', ''];

function groups(options: string): ShopTable {
  return {
    name: 'group',
    rows: 6,
    columns: [
      column('id', 'tinyint unsigned NOT NULL AUTO_INCREMENT', 'n'),
      column(
        'Name',
        'varchar(40) NOT NULL',
        "ELT(n, 'Everyone', 'Regulars', 'Staff', 'Trade', 'Press', 'Friends & family')",
      ),
      column('Order', "smallint NOT NULL DEFAULT '-1' COMMENT 'Where it stands in lists; -1 is last'", '7 - n'),
      column('Discount', "decimal(5,2) NOT NULL DEFAULT '0.00'", 'n * 1.25'),
    ],
    constraints: ['PRIMARY KEY (`id`)', 'UNIQUE KEY `name` (`Name`)'],
    afterwards: ['AUTO_INCREMENT = 20'],
    options: `${options} COMMENT='Groups of customers; the name is a reserved word'`,
  };
}

function customers({ customers: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'customers',
    rows,
    columns: [
      column('id', 'int unsigned NOT NULL AUTO_INCREMENT', customerKey('n')),
      column('group_id', "tinyint unsigned NOT NULL DEFAULT '1'", '1 + n MOD 6'),
      column(
        'email',
        "varchar(190) NOT NULL COMMENT 'Unique, whatever its case'",
        "CONCAT('customer', n, '@example.', IF(n MOD 3, 'com', 'org'))",
      ),
      column('salutation', "enum('Mr','Mrs','Mx','Dr','none, thanks')", sometimes('salutation', 80, '1 + n MOD 5')),
      column('first_name', 'varchar(60) NOT NULL', oneOf('first name', FIRST_NAMES)),
      column('last_name', 'varchar(60) NOT NULL', oneOf('last name', LAST_NAMES)),
      column('phone', 'char(16)', sometimes('phone', 60, "CONCAT('+49 ', 100000000 + n)")),
      column('birth_date', 'date', sometimes('birth', 50, day('birth date', '1940-01-01', 24000))),
      column('newsletter', "tinyint(1) NOT NULL DEFAULT '0'", flag('newsletter', 40)),
      column('verified', "bit(1) NOT NULL DEFAULT b'0'", flag('verified', 90)),
      column('loyalty_points', "mediumint NOT NULL DEFAULT '0'", between('points', -5000, 100000)),
      column('lifetime_value', "decimal(14,2) NOT NULL DEFAULT '0.00'", amount('value', 20000)),
      column(
        'interests',
        "set('books','music','garden','tools & parts','kitchen') NOT NULL DEFAULT ''",
        below('interests', 32),
      ),
      column(
        'preferences',
        'json',
        sometimes(
          'preferences',
          70,
          `CONCAT('{"theme":"', ${oneOf('theme', ['dark', 'light'])}, '","perPage":', ${below('page', 90)}, ',"seen":[', n, ',9007199254740993]}')`,
        ),
      ),
      column('legacy_note', 'varchar(200) CHARACTER SET latin1', sometimes('note', 30, oneOf('legacy', NOTES))),
      column(
        'last_address',
        'varbinary(16)',
        sometimes(
          'seen',
          75,
          "IF(n MOD 4, INET6_ATON(CONCAT('10.0.', n MOD 250, '.7')), INET6_ATON(CONCAT('2001:db8::', HEX(n MOD 65536))))",
        ),
      ),
      column('created_at', 'timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP', moment('customer created')),
      column('updated_at', 'datetime(6)', sometimes('updated', 60, preciseMoment('customer updated'))),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD UNIQUE INDEX `email` (`email`)',
      'ADD INDEX `name` (`last_name`, `first_name`)',
      'ADD INDEX `newest` (`created_at` DESC)',
      'ADD CONSTRAINT `customers_group` FOREIGN KEY (`group_id`) REFERENCES `group` (`id`)',
      `AUTO_INCREMENT = ${rows * 2}`,
    ],
    options: `${options} COMMENT=${quote("Who buys. 'Legacy' notes are in the old shop's character set")}`,
  };
}

function addresses({ addresses: rows, customers: people }: ShopCounts, options: string): ShopTable {
  return {
    name: 'addresses',
    rows,
    columns: [
      column('id', 'int unsigned NOT NULL AUTO_INCREMENT', addressKey('n')),
      column('customer_id', 'int unsigned NOT NULL', customerKey(`(1 + (n - 1) MOD ${people})`)),
      column('kind', "enum('billing','shipping') NOT NULL DEFAULT 'shipping'", '1 + n MOD 2'),
      column(
        'street',
        'varchar(120) NOT NULL',
        `CONCAT(${oneOf('street', ['Main Street', 'Hauptstraße', 'Rue de l’Église', 'ulica Długa', 'Calle Mayor'])}, ' ', n MOD 211)`,
      ),
      column('city', 'varchar(80) NOT NULL', oneOf('city', CITIES)),
      column('postal_code', 'char(10) NOT NULL', "LPAD(n MOD 100000, 5, '0')"),
      column(
        'country',
        "char(2) CHARACTER SET ascii NOT NULL DEFAULT 'DE'",
        oneOf('country', ['DE', 'FR', 'NO', 'JP', 'PL', 'IT']),
      ),
      column('latitude', 'double', sometimes('latitude', 80, `${below('latitude', 180_000_000)} / 1e6 - 90`)),
      column('longitude', 'double', sometimes('latitude', 80, `${below('longitude', 360_000_000)} / 1e6 - 180`)),
      column('deliver_from', 'time', sometimes('from', 30, `SEC_TO_TIME(${below('from', 43200)})`)),
      column(
        'deliver_until',
        'time(3)',
        sometimes('from', 30, `TIMESTAMPADD(MICROSECOND, 999000, SEC_TO_TIME(43200 + ${below('until', 43200)}))`),
      ),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD INDEX `customer` (`customer_id`, `kind`)',
      'ADD INDEX `name` (`city`(12), `street`(20))',
      'ADD CONSTRAINT `addresses_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}

export function peopleTables(counts: ShopCounts, options: string): ShopTable[] {
  return [groups(options), customers(counts, options), addresses(counts, options)];
}
