import type { ShopCounts } from './counts';
import { amount, below, day, flag, moment, oneOf, preciseMoment, prose, sometimes } from './expressions';
import { addressKey, anyOf, couponKey, customerKey, orderKey } from './keys';
import { column, type ShopTable } from './table';

function coupons({ coupons: rows }: ShopCounts, options: string): ShopTable {
  return {
    name: 'coupons',
    rows,
    columns: [
      column('code', 'varchar(24) NOT NULL', couponKey('n')),
      column('percent', "tinyint unsigned NOT NULL DEFAULT '10'", '1 + n MOD 100'),
      column('least_amount', 'decimal(8,2)', sometimes('least', 50, amount('least', 200))),
      column('valid_from', "date NOT NULL DEFAULT '2022-01-01'", day('valid', '2022-01-01', 900)),
      column('valid_to', 'date', sometimes('valid to', 60, day('valid to', '2025-01-01', 900))),
      column('terms', 'text', sometimes('terms', 30, prose('terms', 2))),
    ],
    constraints: ['PRIMARY KEY (`code`)', 'CONSTRAINT `percent_in_range` CHECK (`percent` <= 100)'],
    afterwards: [],
    options,
  };
}

function orders({ orders: rows, customers: people, coupons: vouchers }: ShopCounts, options: string): ShopTable {
  const buyer = anyOf(people);
  return {
    name: 'orders',
    rows,
    columns: [
      column('id', 'bigint unsigned NOT NULL AUTO_INCREMENT', orderKey('n')),
      column('reference', "char(24) NOT NULL COMMENT 'What the customer is told'", "CONCAT('R', LPAD(n, 9, '0'))"),
      column('customer_id', 'int unsigned NOT NULL', customerKey(buyer)),
      column('shipping_address_id', 'int unsigned', sometimes('shipped', 95, addressKey(buyer))),
      column('coupon_code', 'varchar(24)', sometimes('coupon', 12, couponKey(anyOf(vouchers)))),
      column(
        'status',
        "enum('placed','paid','packed','shipped','delivered','returned','cancelled') NOT NULL DEFAULT 'placed'",
        '1 + n MOD 7',
      ),
      column('is_gift', "tinyint(1) NOT NULL DEFAULT '0'", flag('gift', 8)),
      column('total', "decimal(12,2) NOT NULL DEFAULT '0.00'", amount('total', 2000)),
      column(
        'currency',
        "char(3) CHARACTER SET ascii NOT NULL DEFAULT 'EUR'",
        oneOf('currency', ['EUR', 'USD', 'JPY']),
      ),
      column('note', 'text', sometimes('order note', 15, prose('order note', 2))),
      column('placed_at', 'datetime(6) NOT NULL', preciseMoment('placed')),
      column(
        'updated_at',
        'timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP',
        moment('order updated'),
      ),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD UNIQUE INDEX `reference` (`reference`)',
      'ADD INDEX `customer` (`customer_id`, `placed_at` DESC)',
      'ADD INDEX `status` (`status`)',
      'ADD CONSTRAINT `orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)',
      'ADD CONSTRAINT `orders_address` FOREIGN KEY (`shipping_address_id`) REFERENCES `addresses` (`id`) ON DELETE SET NULL',
      'ADD CONSTRAINT `orders_coupon` FOREIGN KEY (`coupon_code`) REFERENCES `coupons` (`code`) ON DELETE SET NULL ON UPDATE CASCADE',
      `AUTO_INCREMENT = ${rows * 2 + 5000}`,
    ],
    options: `${options} COMMENT='What was bought; ids are never used twice'`,
  };
}

function items({ items: rows, products: goods }: ShopCounts, options: string): ShopTable {
  const place = '((n - 1) MOD 7)';
  const order = `3 * ((n - 1) DIV 7) + CASE WHEN ${place} < 1 THEN 1 WHEN ${place} < 3 THEN 2 ELSE 3 END`;
  return {
    name: 'order_items',
    rows,
    columns: [
      column('order_id', 'bigint unsigned NOT NULL', orderKey(`(${order})`)),
      column(
        'line_no',
        'smallint unsigned NOT NULL',
        `CASE WHEN ${place} < 1 THEN 1 WHEN ${place} < 3 THEN ${place} ELSE ${place} - 2 END`,
      ),
      column('product_id', 'mediumint unsigned NOT NULL', `1 + ${below('item', goods)}`),
      column('quantity', "int unsigned NOT NULL DEFAULT '1'", `1 + ${below('quantity', 9)}`),
      column('unit_price', 'decimal(10,2) NOT NULL', amount('unit price', 900)),
      column('discount', "decimal(5,4) NOT NULL DEFAULT '0.0000'", `${below('discount', 3000)} / 10000`),
      column(
        'engraving',
        'varchar(100)',
        sometimes('engraving', 5, oneOf('engraving', ['Für Oma ❤', 'To "Max"', '祝', ' spaces '])),
      ),
    ],
    constraints: ['PRIMARY KEY (`order_id`, `line_no`)'],
    afterwards: [
      'ADD INDEX `product` (`product_id`)',
      'ADD CONSTRAINT `items_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`) ON DELETE CASCADE',
      'ADD CONSTRAINT `items_product` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`)',
    ],
    options,
  };
}

function payments({ payments: rows, orders: bought }: ShopCounts, options: string): ShopTable {
  return {
    name: 'payments',
    rows,
    columns: [
      column('id', 'bigint unsigned NOT NULL AUTO_INCREMENT', 'n + 5000000000'),
      column('order_id', 'bigint unsigned NOT NULL', orderKey(anyOf(bought))),
      column('method', "enum('card','transfer','cash','gift card','PayLater™') NOT NULL", '1 + n MOD 5'),
      column('amount', 'decimal(12,2) NOT NULL', amount('paid', 2000)),
      column('fee', 'double', sometimes('fee', 70, `${below('fee', 1_000_000)} / 7e4`)),
      column('captured', 'tinyint(1)', sometimes('captured', 90, flag('captured', 95))),
      column(
        'provider_reference',
        'varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        `IF(n MOD 5 = 2, NULL, CONCAT(IF(n MOD 2, 'tx_', 'TX_'), n))`,
      ),
      column('receipt', 'varbinary(255)', sometimes('receipt', 25, "UNHEX(SHA2(CONCAT('receipt', n), 384))")),
      column('paid_at', 'timestamp(6) NULL DEFAULT NULL', sometimes('paid', 95, preciseMoment('paid'))),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD UNIQUE INDEX `reference` (`provider_reference`)',
      'ADD CONSTRAINT `payments_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`) ON DELETE CASCADE',
    ],
    options,
  };
}

function shipments({ shipments: rows, orders: bought, warehouses: places }: ShopCounts, options: string): ShopTable {
  return {
    name: 'shipments',
    rows,
    columns: [
      column('id', 'int unsigned NOT NULL AUTO_INCREMENT', 'n'),
      column('order_id', 'bigint unsigned NOT NULL', orderKey(anyOf(bought))),
      column('warehouse_id', 'tinyint unsigned NOT NULL', anyOf(places)),
      column('tracking', 'varchar(40) CHARACTER SET latin1', sometimes('tracking', 85, "CONCAT('Nº ', n * 7919)")),
      column('weight', 'float', sometimes('shipped weight', 90, `${below('shipped weight', 30000)} / 1000`)),
      column('transit_time', 'time', sometimes('transit', 70, `SEC_TO_TIME(${below('transit', 1_000_000)})`)),
      column('shipped_on', 'date NOT NULL', day('shipped on', '2022-01-04', 1090)),
      column('delivered_at', 'datetime', sometimes('delivered', 60, moment('delivered'))),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [
      'ADD INDEX `status` (`shipped_on`, `delivered_at`)',
      'ADD CONSTRAINT `shipments_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`) ON DELETE CASCADE',
      'ADD CONSTRAINT `shipments_warehouse` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses` (`id`)',
    ],
    options,
  };
}

export function salesTables(counts: ShopCounts, options: string): ShopTable[] {
  return [coupons, orders, items, payments, shipments].map((table) => table(counts, options));
}
