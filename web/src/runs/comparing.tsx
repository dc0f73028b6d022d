// Compares two runs: where their crises differ, and how much each difference changes the endings.

import { useState } from 'preact/hooks'
import { fetched, post } from '../api'
import type { Finding } from '../model'
import { useAsking } from '../parts/asking'
import { Choice, Entry } from '../parts/fields'
import { keep } from '../parts/keeping'
import { tr } from '../texts'
import { Answered } from './answered'
import { runs, shortName } from './state'
import type { Options } from './studies'

export function Comparing({ run, moment }: { run: string; moment: Options }) {
  const [open, setOpen] = useState(false)
  const [other, setOther] = useState('')
  const [draws, setDraws] = useState('128')
  const finding = useAsking<Finding>()
  const zip = useAsking<Blob>()
  const [compared, setCompared] = useState({ other: '', options: {} as Options })
  const others = (runs.value ?? []).filter((each) => each.run !== run && each.state === 'finished')
  const chosen = other || others[0]?.run

  async function compare(): Promise<void> {
    if (!chosen) return
    const now = { other: chosen, options: { draws: Number(draws), ...moment } }
    setCompared(now)
    await finding.ask((signal) => post<Finding>('/api/compare', { run, ...now }, signal))
  }
  async function take(): Promise<void> {
    const of = { run, study: 'compare', ...compared }
    const blob = await zip.ask((signal) => fetched('/api/export', of, signal))
    if (blob) keep(blob, `${shortName(run)}-and-${shortName(compared.other)}.zip`)
  }

  return (
    <li class="question">
      <button type="button" class="unfold" aria-expanded={open} aria-controls="question-compare" onClick={() => setOpen(!open)}>
        {tr('Where does it differ from another run?')}
      </button>
      <div id="question-compare" hidden={!open}>
        <p class="note">{tr('Where two crises differ, and how much each difference changes the endings.')}</p>
        {others.length === 0 && <p>{tr('There is no other finished run in this folder to compare it with.')}</p>}
        {chosen && (
          <form class="fields" aria-label={tr('Compare two runs')} onSubmit={(event) => { event.preventDefault(); void compare() }}>
            <Choice label={tr('Other run')} value={chosen} set={setOther}
              options={others.map((each) => [each.run, `${shortName(each.run)}: ${each.title}`] as const)} />
            <Entry label={tr('Draws')} kind="number" value={draws} set={setDraws} min={1} step={1} />
            <button type="submit" class="main" disabled={finding.since !== null}>
              {tr('Compare')}
            </button>
          </form>
        )}
        <Answered finding={finding} zip={zip} take={take} />
      </div>
    </li>
  )
}
