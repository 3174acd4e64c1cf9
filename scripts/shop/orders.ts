import { randomBytes } from 'node:crypto';
import type { ApplicationDatabase } from './applicationDatabase';

/** What the application chooses from; read once, and the same on both sides of a migration. */
export interface Assortment {
  readonly customers: readonly string[];
  readonly products: readonly string[];
}

export interface PlacedOrder {
  readonly id: string;
  readonly reference: string;
}

export async function readAssortment(database: ApplicationDatabase): Promise<Assortment> {
  return {
    customers: await database.column('SELECT id FROM customers ORDER BY id LIMIT 500'),
    products: await database.column('SELECT id FROM products ORDER BY id LIMIT 500'),
  };
}

/** An order of two lines with its payment; the goods leave the stock. */
export async function placeOrder(
  database: ApplicationDatabase,
  assortment: Assortment,
  turn: number,
  reference: string,
): Promise<PlacedOrder> {
  const customer = pick(assortment.customers, turn);
  const products = [pick(assortment.products, turn * 7), pick(assortment.products, turn * 7 + 3)];
  const id = await database.insert(
    'INSERT INTO orders (reference, customer_id, status, total, currency, note, placed_at) ' +
      "VALUES (?, ?, 'placed', ?, 'EUR', ?, CURRENT_TIMESTAMP(6))",
    [reference, customer, '59.85', turn % 5 === 0 ? 'Bitte klingeln – „Müller“ 🔔' : null],
  );
  for (const [index, product] of products.entries()) {
    await database.run(
      'INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price) VALUES (?, ?, ?, ?, ?)',
      [id, index + 1, product, index + 1, '19.95'],
    );
    await database.run('UPDATE inventory SET on_hand = on_hand - 1 WHERE product_id = ?', [product]);
  }
  await database.run(
    "INSERT INTO payments (order_id, method, amount, provider_reference, paid_at) VALUES (?, 'card', ?, ?, CURRENT_TIMESTAMP(6))",
    [id, '59.85', `app_${reference}`],
  );
  return { id, reference };
}

/** The order goes one step on, and somebody notes that it did, in a table without a key. */
export async function shipOrder(database: ApplicationDatabase, { id, reference }: PlacedOrder): Promise<void> {
  await database.run("UPDATE orders SET status = 'shipped' WHERE id = ?", [id]);
  await database.run(
    `INSERT INTO audit_log (logged_at, actor, ${database.name('table')}, detail, by_robot) ` +
      "VALUES (CURRENT_TIMESTAMP(6), 'application', 'orders', ?, TRUE)",
    [`shipped ${reference}`],
  );
}

/** The order disappears, and its lines and payment with it. */
export async function withdrawOrder(database: ApplicationDatabase, { id }: PlacedOrder): Promise<void> {
  await database.run('DELETE FROM orders WHERE id = ?', [id]);
}

/** A cart is filled and another one, left behind, is cleared away. */
export async function exchangeCarts(database: ApplicationDatabase, old: Buffer | undefined): Promise<Buffer> {
  const id = randomBytes(16);
  await database.run('INSERT INTO carts (id, content, expires_at) VALUES (?, ?, CURRENT_TIMESTAMP(0))', [
    id,
    JSON.stringify([{ product: 1, price: 19.95, gift: null }]),
  ]);
  if (old !== undefined) await database.run('DELETE FROM carts WHERE id = ?', [old]);
  return id;
}

function pick(from: readonly string[], turn: number): string {
  const chosen = from[turn % from.length];
  if (chosen === undefined) throw new Error('The shop has no customers or no products: load it first.');
  return chosen;
}
