import type { ShopCounts } from './counts';
import { amount, below, between, day, flag, oneOf, preciseMoment, prose, quote, sometimes } from './expressions';
import { anyOf } from './keys';
import { column, type ShopTable } from './table';

function categories({ categories: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'categories',
    rows,
    columns: [
      column('id', 'smallint unsigned NOT NULL AUTO_INCREMENT', 'n'),
      column('parent_id', 'smallint unsigned', 'IF(n <= 10, NULL, n DIV 10)'),
      column(
        'name',
        'varchar(80) NOT NULL',
        `CONCAT(${oneOf('category', ['Lamps', 'Möbel', 'Écriture', 'Garden', '台所'])}, ' ', n)`,
      ),
      column('rank', "tinyint NOT NULL DEFAULT '0'", between('rank', -128, 127)),
      column('hidden', "tinyint(1) NOT NULL DEFAULT '0'", flag('hidden', 5)),
    ],
    constraints: ['PRIMARY KEY (`id`)', 'UNIQUE KEY `name` (`name`)'],
    afterwards: [
      'ADD CONSTRAINT `categories_parent` FOREIGN KEY (`parent_id`) REFERENCES `categories` (`id`) ON DELETE SET NULL',
    ],
    options: `${options} COMMENT='A tree: a category may have a parent'`,
  };
}

function suppliers({ suppliers: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'suppliers',
    rows,
    columns: [
      column('id', 'smallint NOT NULL AUTO_INCREMENT', 'n - 5'),
      column(
        'name',
        'varchar(120) NOT NULL',
        `CONCAT(${oneOf('supplier', ['Nordwind', 'Maison Belle', 'Acme', 'Žižka & Co.'])}, ' No. ', n)`,
      ),
      column(
        'name_chinese',
        'varchar(60) CHARACTER SET gbk',
        sometimes('gbk', 50, oneOf('gbk', ['北京贸易公司', '上海丝绸厂', '广州电子'])),
      ),
      column(
        'name_japanese',
        'varchar(60) CHARACTER SET sjis',
        sometimes('sjis', 50, oneOf('sjis', ['東京商店', 'グローバル', '大阪ソフト'])),
      ),
      column('founded', 'year', sometimes('founded', 80, `1901 + ${below('founded', 120)}`)),
      column('rating', 'float', sometimes('rating', 90, `${below('supplier rating', 50)} / 10`)),
      column(
        'lead_time',
        "time NOT NULL DEFAULT '48:00:00' COMMENT 'Hours, often more than a day'",
        `SEC_TO_TIME(${below('lead', 3_000_000)})`,
      ),
      column('contract', 'longtext', sometimes('contract', 70, `REPEAT(${prose('contract', 8)}, 4)`)),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: ['ADD UNIQUE INDEX `supplier_name` (`name`)'],
    options,
  };
}

function products({ products: rows, categories: kinds, suppliers: makers }: ShopCounts, options: string): ShopTable {
  return {
    name: 'products',
    rows,
    columns: [
      column('id', 'mediumint unsigned NOT NULL AUTO_INCREMENT', 'n'),
      column('category_id', 'smallint unsigned', sometimes('category', 97, anyOf(kinds))),
      column('supplier_id', 'smallint NOT NULL', `${anyOf(makers)} - 5`),
      column(
        'sku',
        'varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL',
        "CONCAT(CHAR(65 + n MOD 26), '-', LPAD(n, 7, '0'))",
      ),
      column(
        'name',
        'varchar(160) NOT NULL',
        `CONCAT(${oneOf('product', ['Lamp', 'Stuhl', 'Plume', 'Rake', '鍋', 'Ñandú figure'])}, ' ', n)`,
      ),
      column('teaser', 'tinytext', sometimes('teaser', 80, prose('teaser', 1))),
      column('description', 'text NOT NULL', prose('description', 3)),
      column('specification', 'mediumtext', sometimes('specification', 40, prose('specification', 6))),
      column('price', 'decimal(10,2) NOT NULL', amount('price', 900)),
      column('weight', "float NOT NULL DEFAULT '0.5' COMMENT 'Kilograms'", `${below('weight', 100_000)} / 1000`),
      column('volume', 'double', sometimes('volume', 60, `${below('volume', 100_000_000)} / 3e7`)),
      column('stock', "enum('in stock','low','sold out','on order, soon') NOT NULL DEFAULT 'in stock'", '1 + n MOD 4'),
      column('labels', "set('new','sale','eco','fragile','18+') NOT NULL DEFAULT 'new'", below('labels', 32)),
      column(
        'attributes',
        'json',
        sometimes(
          'attributes',
          85,
          `CONCAT('{"colour":"', ${oneOf('colour', ['red', 'grün', '青'])}, '","sizes":[1,2.50,', n, '],"eco":true,"code":12345678901234567890}')`,
        ),
      ),
      column('active', "tinyint(1) NOT NULL DEFAULT '1'", flag('active', 92)),
      column(
        'priority',
        "tinyint(1) NOT NULL DEFAULT '3' COMMENT 'From -1 to 5: not a yes or no'",
        between('priority', -1, 5),
      ),
      column('barcode', 'bigint', `4006381000000 + n`),
      column('released', 'date', day('released', '2015-01-01', 3500)),
      column('updated_at', 'timestamp(6) NULL', sometimes('product updated', 80, preciseMoment('product updated'))),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD UNIQUE INDEX `sku` (`sku`)',
      'ADD INDEX `name` (`name`(24))',
      'ADD INDEX `shelf` (`category_id`, `price` DESC)',
      'ADD CONSTRAINT `products_category` FOREIGN KEY (`category_id`) REFERENCES `categories` (`id`) ON DELETE SET NULL',
      'ADD CONSTRAINT `products_supplier` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers` (`id`) ON UPDATE CASCADE',
    ],
    options,
  };
}

function media({ media: rows, products: goods }: ShopCounts, options: string): ShopTable {
  const bytes = (salt: string) => `UNHEX(SHA2(CONCAT(${quote(salt)}, n), 512))`;
  return {
    name: 'ProductMedia',
    rows,
    columns: [
      column('MediaId', 'int NOT NULL AUTO_INCREMENT', 'n'),
      column('ProductId', 'mediumint unsigned NOT NULL', anyOf(goods)),
      column('FileName', 'varchar(120) NOT NULL', "CONCAT('img_', n, IF(n MOD 2, '.JPG', '.png'))"),
      column('Width', 'smallint unsigned NOT NULL', below('width', 65536)),
      column('Flags', "bit(12) NOT NULL DEFAULT b'101'", below('flags', 4096)),
      column('Checksum', 'binary(32)', 'UNHEX(SHA2(n, 256))'),
      column('Icon', 'tinyblob', sometimes('icon', 70, bytes('icon'))),
      column('Preview', 'blob', `CONCAT(${bytes('preview')}, X'00FF5C0A0D0922')`),
      column('Image', 'mediumblob', `REPEAT(${bytes('image')}, 3)`),
      column('Original', 'longblob', sometimes('original', 30, `REPEAT(${bytes('original')}, 16)`)),
    ],
    constraints: ['PRIMARY KEY (`MediaId`)'],
    afterwards: [
      'ADD INDEX `checksum` (`Checksum`(8))',
      'ADD CONSTRAINT `media_product` FOREIGN KEY (`ProductId`) REFERENCES `products` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}

function warehouses({ warehouses: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'warehouses',
    rows,
    columns: [
      column('id', 'tinyint unsigned NOT NULL AUTO_INCREMENT', 'n'),
      column('code', 'char(4) NOT NULL', "CONCAT('W', n)"),
      column('opens', "time NOT NULL DEFAULT '07:30:00'", 'SEC_TO_TIME(21600 + n * 900)'),
      column('closes', 'time(6) NOT NULL', 'TIMESTAMPADD(MICROSECOND, 999999, SEC_TO_TIME(64800 + n * 900))'),
      column('open_days', "bit(7) NOT NULL DEFAULT b'0011111'", '31 + 32 * (n MOD 2)'),
      column('altitude', 'smallint NOT NULL', 'n * 250 - 600'),
      column('capacity', 'mediumint unsigned NOT NULL', '16000000 + n'),
    ],
    constraints: ['PRIMARY KEY (`id`)', 'UNIQUE KEY `code` (`code`)'],
    afterwards: [],
    options,
  };
}

function inventory({ inventory: rows, warehouses: places }: ShopCounts, options: string): ShopTable {
  return {
    name: 'inventory',
    rows,
    columns: [
      column('product_id', 'mediumint unsigned NOT NULL', '1 + (n - 1) DIV 2'),
      column('warehouse_id', 'tinyint unsigned NOT NULL', `1 + (1 + (n - 1) DIV 2 + n MOD 2) MOD ${places}`),
      column('on_hand', "int NOT NULL DEFAULT '0'", between('on hand', -20, 5000)),
      column('reserved', "int unsigned NOT NULL DEFAULT '0'", below('reserved', 100)),
      column('shelf', 'varchar(12)', sometimes('shelf', 90, 'CONCAT(CHAR(65 + n MOD 20 USING utf8mb4), n MOD 97)')),
      column('counted_at', 'datetime(3)', sometimes('counted', 70, preciseMoment('counted'))),
    ],
    constraints: ['PRIMARY KEY (`product_id`, `warehouse_id`)'],
    afterwards: [
      'ADD CONSTRAINT `inventory_product` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`) ON DELETE CASCADE',
      'ADD CONSTRAINT `inventory_warehouse` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses` (`id`)',
    ],
    options,
  };
}

function prices({ prices: rows, products: goods }: ShopCounts, options: string): ShopTable {
  return {
    name: 'price_history',
    rows,
    columns: [
      column('id', 'bigint NOT NULL AUTO_INCREMENT', 'n * 3'),
      column('product_id', 'mediumint unsigned NOT NULL', anyOf(goods)),
      column('price', 'decimal(10,2) NOT NULL', amount('old price', 900)),
      column('changed_at', 'datetime(6) NOT NULL', preciseMoment('changed')),
      column(
        'reason',
        'varchar(60)',
        sometimes('reason', 40, oneOf('reason', ['season', 'supplier', 'mistake', "competitor's offer"])),
      ),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD INDEX `latest` (`product_id`, `changed_at` DESC)',
      'ADD CONSTRAINT `prices_product` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}

export function goodsTables(counts: ShopCounts, options: string): ShopTable[] {
  return [categories, suppliers, products, media, warehouses, inventory, prices].map((table) => table(counts, options));
}
