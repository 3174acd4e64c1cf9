/** How many rows each table gets. Tables that a real shop keeps small stay small whatever the scale. */
export interface ShopCounts {
  readonly customers: number;
  readonly addresses: number;
  readonly categories: number;
  readonly suppliers: number;
  readonly warehouses: number;
  readonly products: number;
  readonly media: number;
  readonly inventory: number;
  readonly prices: number;
  readonly coupons: number;
  readonly orders: number;
  readonly items: number;
  readonly payments: number;
  readonly shipments: number;
  readonly reviews: number;
  readonly carts: number;
  readonly events: number;
  readonly auditEntries: number;
  readonly exchangeRates: number;
  readonly sessions: number;
}

/** Shares out about `rows` rows; never fewer than a table needs for its references. */
export function shareOut(rows: number): ShopCounts {
  const share = (perMillion: number, least: number) => Math.max(least, Math.ceil((rows * perMillion) / 1_000_000));
  const customers = share(50_000, 20);
  const products = share(12_000, 10);
  const triples = share(50_000, 10);
  const orders = triples * 3;
  return {
    customers,
    // Every customer has one address, every fifth a second one.
    addresses: customers + Math.floor(customers / 5),
    categories: 120,
    suppliers: share(400, 10),
    warehouses: 4,
    products,
    media: share(8_000, 10),
    inventory: products * 2,
    prices: share(30_000, 10),
    coupons: share(1_000, 10),
    orders,
    // Three orders in a row have one, two and four lines.
    items: triples * 7,
    payments: Math.floor(orders * 0.93),
    shipments: Math.floor(orders * 0.6),
    reviews: Math.min(customers, share(30_000, 10)),
    carts: share(15_000, 10),
    events: share(26_000, 10),
    auditEntries: share(13_000, 20),
    exchangeRates: share(500, 50),
    sessions: share(2_500, 10),
  };
}
