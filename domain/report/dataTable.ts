import { pointInTime } from '../format';
import { html, type Content, type Html } from './html';

export interface TableColumn {
  readonly title: string;
  /** Right-aligned, digits of one width. */
  readonly number?: boolean;
}

export interface DataTable {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  /** A cell for each column; the first is the row's header. */
  readonly rows: readonly (readonly Content[])[];
  /** What stands in place of the rows that are not shown. */
  readonly more?: Content;
}

/** A table that a screen reader can tell: a caption, and headers with their scope. Wide ones scroll by themselves. */
export function dataTable({ caption, columns, rows, more = null }: DataTable): Html {
  const kind = (index: number): Html | null => (columns[index]?.number === true ? html` class="number"` : null);
  const head = columns.map(({ title }, index) => html`<th scope="col" ${kind(index)}>${title}</th>`);
  const body = rows.map(([first = null, ...cells]) => {
    const header = html`<th scope="row" ${kind(0)}>${first}</th>`;
    return html`<tr>
      ${header}${cells.map((cell, index) => html`<td${kind(index + 1)}>${cell}</td>`)}
    </tr> `;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${more === null ? null : html`<p class="note">${more}</p> `}`;
}

/** A time in a cell, which does not break in the middle. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}">${pointInTime(iso)}</time>`;
}
