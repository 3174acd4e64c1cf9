import type { Session } from '../session';
import type { Dialect } from './values';

/** Of many digits, of either sign and of every size: a reading that rounds on its way misses some of them. */
const DOUBLES = Array.from({ length: 200 }, (_, place) => {
  const exponent = (place * 37) % 600;
  return Math.sin(place + 1) * 10 ** (exponent - 300);
});

/** What of the server matters to how values are written. MySQL is asked whether it reads doubles in JSON exactly. */
export async function readDialect(session: Session): Promise<Dialect> {
  const { flavour } = session.server;
  if (flavour === 'mariadb') return { flavour, readsJsonDoubles: true };
  const [row] = await session.query(`SELECT CAST(CAST('[${DOUBLES.join(', ')}]' AS JSON) AS CHAR)`);
  const read = JSON.parse(row?.[0] ?? '[]') as number[];
  return { flavour, readsJsonDoubles: DOUBLES.every((double, place) => double === read[place]) };
}
