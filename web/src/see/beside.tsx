// Scenarios side by side: each ending's mean in each, over the same draws, and its difference from the file.

import { useEffect, useState } from 'preact/hooks'
import { isAbort, post } from '../api'
import { model, nameOf, setting } from '../crisis'
import { DRAWS, type Spread } from '../live'
import { percent, points, type Model } from '../model'
import { tr } from '../texts'
import { Drawer } from './drawer'
import { kept, readAgain } from './kept'
import { columns, type Compared } from './named'
import { short } from './scale'

type Figures = { spread: Spread } | { error: string }

export function SideBySide() {
  const crisis = model.value
  const base = setting.value
  // the menu that leads here has read them; another file may be opened meanwhile
  useEffect(() => { if (kept.peek()?.of !== base?.path) void readAgain() }, [base?.path])
  const compared = crisis ? columns(crisis, kept.value?.scenarios ?? []) : []
  const figures = useFigures(base?.path ?? '', base?.text ?? '', compared)
  const left = compared.length - figures.length
  return (
    <Drawer title={tr('Scenarios side by side')}>
      <p class="note" role="status">
        {left > 0 ? tr('Solving {number} of {all} …', { number: figures.length + 1, all: compared.length }) : ''}
      </p>
      {crisis && <Comparison crisis={crisis} compared={compared} figures={figures} />}
      <p class="note">
        {tr('Means over the same {draws} draws of the inputs; below them the difference from the file, in points. ' +
          'A scenario as of the last event is compared with the file as of it. ' +
          'What is supposed makes a draw count as much as it held it likely.', { draws: DRAWS })}
      </p>
    </Drawer>
  )
}

/** Solves the columns, one after another. */
function useFigures(path: string, text: string, compared: Compared[]): Figures[] {
  const [found, setFound] = useState<{ of: string; figures: Figures[] }>({ of: '', figures: [] })
  const key = JSON.stringify([path, text, compared])
  useEffect(() => {
    const left = new AbortController()
    async function solve(): Promise<void> {
      const figures: Figures[] = []
      for (const { scenario: { name: _, ...set } } of compared) {
        try {
          figures.push({ spread: await post<Spread>('/api/spread', { path, text, ...set, draws: DRAWS }, left.signal) })
        } catch (error) {
          if (isAbort(error)) return
          figures.push({ error: error instanceof Error ? error.message : String(error) })
        }
        if (left.signal.aborted) return
        setFound({ of: key, figures: [...figures] })
      }
    }
    void solve()
    return () => left.abort()
  }, [key])
  return found.of === key ? found.figures : []
}

function Comparison({ crisis, compared, figures }: { crisis: Model; compared: Compared[]; figures: Figures[] }) {
  return (
    <div class="scrolls beside" tabIndex={0} role="region" aria-label={tr('Endings by scenario')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{tr('ending')}</th>
            {compared.map(({ scenario, gone }, place) => {
              const found = figures[place]
              return (
                <th scope="col" class="n" key={place}>
                  {scenario.name}
                  {gone.length > 0 && <small>{tr('without {names}', { names: gone.join(', ') })}</small>}
                  {found && 'error' in found && <small class="warn">{found.error}</small>}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {crisis.endings.map(({ name }) => (
            <Row key={name} name={nameOf('endings', name)} compared={compared} figures={figures} shown={percent} changed={points}
              value={(spread) => spread.endings[name]?.mean} />
          ))}
          {crisis.measures.map(({ name, unit }) => (
            <Row key={name} name={unit ? `${nameOf('measures', name)} (${unit})` : nameOf('measures', name)} compared={compared}
              figures={figures} shown={short} changed={signed} value={(spread) => spread.measures[name] ?? undefined} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ name, compared, figures, value, shown, changed }: {
  name: string
  compared: Compared[]
  figures: Figures[]
  value: (spread: Spread) => number | undefined
  shown: (value: number) => string
  changed: (difference: number) => string
}) {
  const values = figures.map((found) => ('spread' in found ? value(found.spread) : undefined))
  return (
    <tr>
      <th scope="row">{name}</th>
      {compared.map(({ against }, place) => {
        const mean = values[place]
        const file = against === null ? undefined : values[against]
        return (
          <td class="n" key={place}>
            {mean === undefined ? (place < figures.length ? '–' : '…') : shown(mean)}
            {mean !== undefined && file !== undefined && <small>{changed(mean - file)}</small>}
          </td>
        )
      })}
    </tr>
  )
}

function signed(difference: number): string {
  const digits = short(Math.abs(difference))
  return Number(digits) === 0 ? '0' : `${difference > 0 ? '+' : '−'}${digits}`
}
