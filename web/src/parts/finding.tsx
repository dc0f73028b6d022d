// A finding of a study: the answer in sentences, pictures, tables, and notes on how they were made.

import type { Finding, Picture, Table } from '../model'
import { trn } from '../texts'
import { useEffect, useRef, useState } from 'preact/hooks'

const MOST_ROWS = 40

export function FindingView({ finding, level = 3 }: { finding: Finding; level?: 2 | 3 | 4 }) {
  const Heading = `h${level}` as 'h2' | 'h3' | 'h4'
  const [first, ...rest] = finding.answer
  return (
    <article class="finding">
      <Heading>{finding.title}</Heading>
      {finding.basis && <p class="note">{finding.basis}</p>}
      {first && <p class="answer">{first}</p>}
      {rest.map((sentence, place) => (
        <p key={place}>{sentence}</p>
      ))}
      {finding.pictures.map((picture) => (
        <PictureView key={picture.name} picture={picture} />
      ))}
      {finding.tables.map((table) => (
        <TableView key={table.name} table={table} />
      ))}
      {finding.notes.map((note, place) => (
        <p class="note" key={place}>
          {note}
        </p>
      ))}
    </article>
  )
}

function TableView({ table }: { table: Table }) {
  const [all, setAll] = useState(false)
  if (!table.rows.length) return null
  const more = table.rows.length - MOST_ROWS
  const shown = all ? table.rows : table.rows.slice(0, MOST_ROWS)
  return (
    <>
      <div class="scrolls" tabIndex={0} role="region" aria-label={table.caption}>
        <table>
          <caption>{table.caption}</caption>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.name} scope="col" class={column.kind === 'text' ? '' : 'n'}>
                  {column.heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, number) => (
              <tr key={number} class={continues(table, row) ? 'continues' : ''}>
                {row.map((cell, place) => (
                  <td key={place} class={table.columns[place]?.kind === 'text' ? '' : 'n'}>
                    {table.columns[place]?.kind === 'text' ? <span>{cell}</span> : cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && !all && (
        <p>
          <button type="button" onClick={() => setAll(true)}>
            {trn('Show {count} more row', 'Show {count} more rows', more)}
          </button>
        </p>
      )}
    </>
  )
}

/** Whether a row belongs to the group of the row above: cells shared by a group are shown once. */
function continues(table: Table, row: string[]): boolean {
  return table.grouped > 0 && row.slice(0, table.grouped).every((cell) => cell === '')
}

function PictureView({ picture }: { picture: Picture & { caption?: string } }) {
  return (
    <figure>
      <Drawing svg={picture.narrow} class="narrow" />
      <Drawing svg={picture.wide} class="wide" />
      <figcaption>
        <b>{picture.title}</b>
        {picture.caption && <> {picture.caption}</>}
      </figcaption>
    </figure>
  )
}

/** An SVG from the server, parsed as an image, so that no script in it can run. */
export function Drawing({ svg, class: named }: { svg: string; class?: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const text = svg.includes('xmlns=') ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
    const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
    root.querySelectorAll('script, foreignObject').forEach((element) => element.remove())
    place.current?.replaceChildren(document.importNode(root, true))
  }, [svg])
  return <div class={`drawing ${named ?? ''}`} ref={place} />
}
